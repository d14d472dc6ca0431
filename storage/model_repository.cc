#include "storage/model_repository.h"

#include <algorithm>
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

Result<StoredModelVersion> stored_version(const Store& store, const std::string& model, uint64_t version,
                                          std::optional<uint64_t> live) {
  const std::string key = model_version_key(model, version);
  PENSTOCK_ASSIGN(const auto value, store.get(kModelsTable, key));
  if (!value)
    return not_found("there is no " + what(model, version));
  return decode_model_version(key, *value, live == version);
}

Result<std::vector<StoredModelVersion>> stored_versions(const Store& store, const std::string& model) {
  PENSTOCK_ASSIGN(const auto live, live_version(store, model));
  std::vector<StoredModelVersion> out;
  Status broken;
  PENSTOCK_TRY(store.scan(kModelsTable, model + "/", [&](std::string_view key, std::string_view value) {
    if (!belongs_to(key, model))
      return true;
    auto stored = decode_model_version(key, value, live && key == model_version_key(model, *live));
    if (stored.ok())
      out.push_back(std::move(*stored));
    else
      broken = stored.status();
    return broken.ok();
  }));
  PENSTOCK_TRY(broken);
  return out;
}

void put(WriteBatch& batch, const StoredModelVersion& stored) {
  const ModelVersion& version = stored.version;
  batch.put(kModelsTable, model_version_key(version.model, version.version),
            encode_model_version(version, stored.bytes));
}

void move_to(StoredModelVersion& stored, ModelState state, std::string reason, Timestamp now, WriteBatch& batch) {
  ModelVersion& version = stored.version;
  if (state == ModelState::kLive) {
    version.served = now;
    batch.put(kModelLiveTable, version.model, std::to_string(version.version));
  }
  if (version.state != state)
    version.since = now;
  version.state = state;
  version.reason = std::move(reason);
  put(batch, stored);
}

// Archives those whose place `mover` takes.
void make_room(std::vector<StoredModelVersion>& known, uint64_t mover, ModelState state, Timestamp now,
               WriteBatch& batch) {
  for (StoredModelVersion& other : known) {
    const ModelState present = other.version.state;
    const bool in_its_place =
        (state == ModelState::kLive && present == ModelState::kLive) || (on_trial(state) && on_trial(present));
    if (in_its_place && other.version.version != mover)
      move_to(other, ModelState::kArchived, "replaced by version " + std::to_string(mover), now, batch);
  }
}

StoredModelVersion* find(std::vector<StoredModelVersion>& known, uint64_t version) {
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const auto& stored) { return stored.version.version == version; });
  return found == known.end() ? nullptr : &*found;
}

}  // namespace

std::optional<double> ModelVersion::metric(std::string_view name) const {
  for (const auto& [known, value] : metrics)
    if (known == name)
      return value;
  return std::nullopt;
}

Result<uint64_t> ModelRepository::add(ModelVersion version, std::string_view bytes) {
  if (version.model.empty())
    return invalid_argument("a model without a name");
  PENSTOCK_ASSIGN(auto known, stored_versions(store_, version.model));
  version.version = known.empty() ? 1 : known.back().version.version + 1;
  if (version.version > kMostVersions)
    return resource_exhausted("model " + in_quotes(version.model) + " has had too many versions");
  const std::string key = model_version_key(version.model, version.version);
  const uint64_t number = version.version;
  WriteBatch batch;
  make_room(known, number, version.state, version.since, batch);
  for (size_t part = 0; part * kModelPartBytes < bytes.size(); ++part)
    batch.put(kModelBytesTable, model_part_key(key, part),
              std::string(bytes.substr(part * kModelPartBytes, kModelPartBytes)));
  StoredModelVersion stored{std::move(version), bytes.size()};
  const Timestamp now = stored.version.since;
  const ModelState state = stored.version.state;
  std::string reason = stored.version.reason;
  move_to(stored, state, std::move(reason), now, batch);
  PENSTOCK_TRY(store_.commit_and_wait(std::move(batch))
                   .status.with_context("cannot store " + what(stored.version.model, number)));
  return number;
}

Result<std::vector<ModelVersion>> ModelRepository::versions(const std::string& model) const {
  PENSTOCK_ASSIGN(auto stored, stored_versions(store_, model));
  std::vector<ModelVersion> out;
  out.reserve(stored.size());
  for (StoredModelVersion& each : stored)
    out.push_back(std::move(each.version));
  return out;
}

Result<ModelVersion> ModelRepository::version(const std::string& model, uint64_t version) const {
  PENSTOCK_ASSIGN(const auto live, live_version(store_, model));
  PENSTOCK_ASSIGN(auto stored, stored_version(store_, model, version, live));
  return std::move(stored.version);
}

Result<std::optional<ModelVersion>> ModelRepository::live(const std::string& model) const {
  PENSTOCK_ASSIGN(const auto version, live_version(store_, model));
  if (!version)
    return std::optional<ModelVersion>();
  auto stored = stored_version(store_, model, *version, version);
  if (stored.status().code() == Code::kNotFound)
    return data_loss("the live " + what(model, *version) + " is not there");
  PENSTOCK_TRY(stored.status());
  return std::optional(std::move(stored->version));
}

const ModelVersion* ModelRepository::before_live(std::span<const ModelVersion> versions) {
  const ModelVersion* before = nullptr;
  for (const ModelVersion& version : versions)
    if (version.state == ModelState::kArchived && version.served &&
        (before == nullptr || version.served >= before->served))
      before = &version;
  return before;
}

Result<std::string> ModelRepository::bytes(const std::string& model, uint64_t version) const {
  PENSTOCK_ASSIGN(const auto stored, stored_version(store_, model, version, std::nullopt));
  const std::string key = model_version_key(model, version);
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

Status ModelRepository::change(const std::string& model, std::span<const Change> changes, Timestamp now) {
  PENSTOCK_ASSIGN(auto known, stored_versions(store_, model));
  WriteBatch batch;
  for (const Change& change : changes) {  // so that make_room sees where all of them go
    StoredModelVersion* stored = find(known, change.version);
    if (stored == nullptr)
      return not_found("there is no " + what(model, change.version));
    move_to(*stored, change.state, change.reason, now, batch);
  }
  for (const Change& change : changes)
    make_room(known, change.version, change.state, now, batch);
  return store_.commit_and_wait(std::move(batch)).status;
}

Status ModelRepository::pin(const std::string& model, uint64_t version, bool pinned) {
  PENSTOCK_ASSIGN(const auto live, live_version(store_, model));
  PENSTOCK_ASSIGN(auto stored, stored_version(store_, model, version, live));
  stored.version.pinned = pinned;
  WriteBatch batch;
  put(batch, stored);
  return store_.commit_and_wait(std::move(batch)).status;
}

Status ModelRepository::note_metrics(const std::string& model, uint64_t version,
                                     const std::vector<std::pair<std::string, double>>& more) {
  PENSTOCK_ASSIGN(const auto live, live_version(store_, model));
  PENSTOCK_ASSIGN(auto stored, stored_version(store_, model, version, live));
  auto& metrics = stored.version.metrics;
  for (const auto& metric : more) {
    std::erase_if(metrics, [&](const auto& known) { return known.first == metric.first; });
    metrics.push_back(metric);
  }
  WriteBatch batch;
  put(batch, stored);
  return store_.commit_and_wait(std::move(batch)).status;
}

Result<std::vector<uint64_t>> ModelRepository::prune(const std::string& model, size_t keep) {
  PENSTOCK_ASSIGN(const auto known, versions(model));
  const ModelVersion* before = before_live(known);
  std::vector<uint64_t> dropped;
  WriteBatch batch;
  for (size_t i = 0; i + keep < known.size(); ++i) {
    const ModelVersion& version = known[i];
    if (version.pinned || version.state == ModelState::kLive || on_trial(version.state) || &version == before)
      continue;
    const std::string key = model_version_key(model, version.version);
    batch.erase(kModelsTable, key);
    PENSTOCK_TRY(store_.scan(kModelBytesTable, key + "/", [&](std::string_view part, std::string_view) {
      if (belongs_to(part, key))
        batch.erase(kModelBytesTable, std::string(part));
      return true;
    }));
    dropped.push_back(version.version);
  }
  if (!dropped.empty())
    PENSTOCK_TRY(store_.commit_and_wait(std::move(batch)).status);
  return dropped;
}

}  // namespace penstock
