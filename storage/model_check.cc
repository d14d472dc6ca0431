#include "storage/model_check.h"

#include <cstdlib>

#include "storage/limits.h"
#include "storage/model_record.h"

namespace penstock {

void ModelCheck::add(std::string_view table, std::string_view key, std::string_view value) {
  if (table == kModelsTable) {
    const auto stored = decode_model_version(key, value, false);
    if (stored.ok())
      versions_[std::string(key)] = {stored->bytes, stored->version.model, stored->version.state, stored->has_state};
    else
      broken_.push_back(stored.status().message());
  } else if (table == kModelBytesTable && key.size() > 9) {
    Parts& parts = parts_[std::string(key.substr(0, key.size() - 9))];
    ++parts.count;
    parts.bytes += value.size();
  } else if (table == kModelLiveTable) {
    live_[std::string(key)] = value;
  }
}

std::vector<std::string> ModelCheck::problems() const {
  std::vector<std::string> problems = broken_;
  for (const auto& [key, version] : versions_) {
    const uint64_t bytes = version.bytes;
    const auto found = parts_.find(key);
    const Parts parts = found == parts_.end() ? Parts{} : found->second;
    const uint64_t expected = (bytes + kModelPartBytes - 1) / kModelPartBytes;
    if (parts.bytes != bytes || parts.count != expected)
      problems.push_back("model version " + in_quotes(key) + ": " + std::to_string(parts.count) + " parts with " +
                         std::to_string(parts.bytes) + " bytes, there should be " + std::to_string(expected) +
                         " with " + std::to_string(bytes));
  }
  for (const auto& [key, parts] : parts_)
    if (!versions_.contains(key))
      problems.push_back("model version " + in_quotes(key) + ": there are bytes but no description");
  for (const auto& [model, version] : live_) {
    const auto found = versions_.find(model_version_key(model, std::strtoull(version.c_str(), nullptr, 10)));
    if (found == versions_.end())
      problems.push_back("model " + in_quotes(model) + ": the live version " + in_quotes(version) + " is not there");
    else if (found->second.state != ModelState::kLive && found->second.has_state)
      problems.push_back("model version " + in_quotes(found->first) +
                         " is pointed to as the live one, and says it is " +
                         std::string(model_state_name(found->second.state)));
  }
  for (const auto& [key, version] : versions_) {
    const auto live = live_.find(version.model);
    if (version.state == ModelState::kLive &&
        (live == live_.end() ||
         model_version_key(live->first, std::strtoull(live->second.c_str(), nullptr, 10)) != key))
      problems.push_back("model version " + in_quotes(key) + " says that it is live, and is not pointed to");
  }
  return problems;
}

}  // namespace penstock
