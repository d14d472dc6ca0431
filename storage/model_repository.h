// Model versions in the store: what was learnt, from what, how good it is, and which one serves.
//
// Tables: `models` (model '/' version as 8 digits → metadata, Protobuf), `model_bytes` (same key '/' part → up to 1 MiB of the
// snapshot's bytes), `model_live` (model → version).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/ids.h"
#include "core/status.h"
#include "storage/store.h"

namespace penstock {

struct ModelVersion {
  std::string model;
  uint64_t version = 0;  // counted from 1
  std::string type;
  std::vector<std::pair<std::string, std::string>> parameters;
  uint64_t seed = 0;
  Timestamp trained;
  double seconds = 0;  // how long the training took
  uint64_t users = 0, items = 0, interactions = 0;
  Timestamp first_event, last_event;                      // range of the data
  std::vector<std::pair<std::string, uint64_t>> read_to;  // `log/partition` and the offset up to which it was read
  std::vector<std::pair<std::string, double>> metrics;    // name such as ndcg@10, value
};

class ModelRepository {
 public:
  explicit ModelRepository(Store& store) : store_(store) {}
  /// Stores a new version (given the next number) with its bytes and makes it live, in one transaction. Returns the number.
  Result<uint64_t> add(ModelVersion version, std::string_view bytes);
  Result<std::vector<ModelVersion>> versions(const std::string& model) const;  // oldest first
  Result<std::optional<ModelVersion>> live(const std::string& model) const;
  /// Errors: not_found, data_loss.
  Result<std::string> bytes(const std::string& model, uint64_t version) const;
  /// Drops all but the newest `keep` versions and the live one.
  Status prune(const std::string& model, size_t keep);

 private:
  Store& store_;
};

}  // namespace penstock
