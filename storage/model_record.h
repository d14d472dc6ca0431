// How model versions lie in their tables: keys and the Protobuf description. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "storage/model_repository.h"

namespace penstock {

inline constexpr char kModelsTable[] = "models", kModelBytesTable[] = "model_bytes", kModelLiveTable[] = "model_live";
inline constexpr size_t kModelPartBytes = 1 << 20;

/// model '/' version in eight digits.
std::string model_version_key(const std::string& model, uint64_t version);
/// version key '/' part in eight digits.
std::string model_part_key(std::string_view version_key, size_t part);
/// `key` is `owner`, '/' and eight digits. Names may hold '/' too: model `a` must not see the versions of `a/b`.
bool belongs_to(std::string_view key, std::string_view owner);

struct StoredModelVersion {
  ModelVersion version;
  uint64_t bytes = 0;     // of the snapshot
  bool has_state = true;  // it was written since there are states
};

std::string encode_model_version(const ModelVersion& version, uint64_t bytes);
/// `live`: whether the live pointer names it; descriptions from before there were states are live or archived by that.
/// Errors: data_loss, naming the key.
Result<StoredModelVersion> decode_model_version(std::string_view key, std::string_view value, bool live);

}  // namespace penstock
