#include "storage/model_repository.h"

#include <charconv>

#include "storage/limits.h"
#include "storage/model_record.h"

namespace penstock {
namespace {

constexpr uint64_t kMostVersions = 99'999'999;  // what eight digits hold

std::string what(const std::string& model, uint64_t version) {
  return "version " + std::to_string(version) + " of model " + in_quotes(model);
}

Result<std::optional<uint64_t>> live_version(const Store& store, const std::string& model) {
  PENSTOCK_ASSIGN(const auto text, store.get(kModelLiveTable, model));
  if (!text)
    return std::optional<uint64_t>();
  uint64_t version = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), version);
  if (parsed.ec != std::errc() || parsed.ptr != text->data() + text->size())
    return data_loss("the live version of model " + in_quotes(model) + " is not a number: " + in_quotes(*text));
  return std::optional(version);
}

}  // namespace

Result<uint64_t> ModelRepository::add(ModelVersion version, std::string_view bytes) {
  if (version.model.empty())
    return invalid_argument("a model without a name");
  PENSTOCK_ASSIGN(const auto known, versions(version.model));
  version.version = known.empty() ? 1 : known.back().version + 1;
  if (version.version > kMostVersions)
    return resource_exhausted("model " + in_quotes(version.model) + " has had too many versions");
  const std::string key = model_version_key(version.model, version.version);
  WriteBatch batch;
  batch.put(kModelsTable, key, encode_model_version(version, bytes.size()));
  for (size_t part = 0; part * kModelPartBytes < bytes.size(); ++part)
    batch.put(kModelBytesTable, model_part_key(key, part),
              std::string(bytes.substr(part * kModelPartBytes, kModelPartBytes)));
  batch.put(kModelLiveTable, version.model, std::to_string(version.version));
  PENSTOCK_TRY(store_.commit_and_wait(std::move(batch))
                   .status.with_context("cannot store " + what(version.model, version.version)));
  return version.version;
}

Result<std::vector<ModelVersion>> ModelRepository::versions(const std::string& model) const {
  std::vector<ModelVersion> out;
  Status broken;
  PENSTOCK_TRY(store_.scan(kModelsTable, model + "/", [&](std::string_view key, std::string_view value) {
    if (!belongs_to(key, model))
      return true;
    auto stored = decode_model_version(key, value);
    if (stored.ok())
      out.push_back(std::move(stored->version));
    else
      broken = stored.status();
    return broken.ok();
  }));
  PENSTOCK_TRY(broken);
  return out;
}

Result<std::optional<ModelVersion>> ModelRepository::live(const std::string& model) const {
  PENSTOCK_ASSIGN(const auto version, live_version(store_, model));
  if (!version)
    return std::optional<ModelVersion>();
  const std::string key = model_version_key(model, *version);
  PENSTOCK_ASSIGN(const auto value, store_.get(kModelsTable, key));
  if (!value)
    return data_loss("the live " + what(model, *version) + " is not there");
  PENSTOCK_ASSIGN(auto stored, decode_model_version(key, *value));
  return std::optional(std::move(stored.version));
}

Result<std::string> ModelRepository::bytes(const std::string& model, uint64_t version) const {
  const std::string key = model_version_key(model, version);
  PENSTOCK_ASSIGN(const auto value, store_.get(kModelsTable, key));
  if (!value)
    return not_found("there is no " + what(model, version));
  PENSTOCK_ASSIGN(const auto stored, decode_model_version(key, *value));
  std::string out;
  size_t parts = 0;
  PENSTOCK_TRY(store_.scan(kModelBytesTable, key + "/", [&](std::string_view part, std::string_view bytes) {
    if (!belongs_to(part, key))
      return true;
    if (part != model_part_key(key, parts))
      return false;
    out += bytes;
    ++parts;
    return true;
  }));
  if (out.size() != stored.bytes)
    return data_loss(what(model, version) + " should have " + std::to_string(stored.bytes) + " bytes, " +
                     std::to_string(out.size()) + " were found");
  return out;
}

Status ModelRepository::prune(const std::string& model, size_t keep) {
  PENSTOCK_ASSIGN(const auto known, versions(model));
  PENSTOCK_ASSIGN(const auto live, live_version(store_, model));
  WriteBatch batch;
  for (size_t i = 0; i + keep < known.size(); ++i) {
    if (live && known[i].version == *live)
      continue;
    const std::string key = model_version_key(model, known[i].version);
    batch.erase(kModelsTable, key);
    PENSTOCK_TRY(store_.scan(kModelBytesTable, key + "/", [&](std::string_view part, std::string_view) {
      if (belongs_to(part, key))
        batch.erase(kModelBytesTable, std::string(part));
      return true;
    }));
  }
  if (batch.puts.empty())
    return ok();
  return store_.commit_and_wait(std::move(batch)).status;
}

}  // namespace penstock
