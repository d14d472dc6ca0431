// Model versions in the store: what was learnt, from what, how good it is, where it stands in its life, and which one
// serves. Every change is one transaction. Thread safe as the store is; who reads, decides and then changes must keep
// others of the same model from doing so at the same time.
//
// Tables: `models` (model '/' version as 8 digits → metadata, Protobuf), `model_bytes` (same key '/' part → up to 1 MiB of
// the snapshot's bytes), `model_live` (model → version). Grammar: FORMAT.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/ids.h"
#include "core/status.h"
#include "storage/model_state.h"
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
  uint64_t parent = 0;                                    // version that was live at the training; 0: none
  ModelState state = ModelState::kCandidate;
  std::string reason = {};               // why it is in this state
  Timestamp since = {};                  // when it got there
  std::optional<Timestamp> served = {};  // when it last became live
  bool pinned = false;                   // never pruned

  /// Nothing if it was not measured.
  std::optional<double> metric(std::string_view name) const;
};

class ModelRepository {
 public:
  explicit ModelRepository(Store& store) : store_(store) {}

  /// Stores a version (given the next number) with its bytes, in its state. Returns the number. Where it is live or on
  /// trial, the one that was is archived, as in change().
  Result<uint64_t> add(ModelVersion version, std::string_view bytes);
  Result<std::vector<ModelVersion>> versions(const std::string& model) const;  // oldest first
  /// Errors: not_found, data_loss.
  Result<ModelVersion> version(const std::string& model, uint64_t version) const;
  Result<std::optional<ModelVersion>> live(const std::string& model) const;
  /// Of versions(): the one that a rollback leads to, which was live before the present one. Null if there is none.
  static const ModelVersion* before_live(std::span<const ModelVersion> versions);
  /// Errors: not_found, data_loss.
  Result<std::string> bytes(const std::string& model, uint64_t version) const;

  struct Change {
    uint64_t version;
    ModelState state;
    std::string reason;
  };
  /// Moves versions to other states. Where one becomes live, or goes on trial, the version that was (and is not among the
  /// changes) is archived. Requires: at most one of the changes is to live, and one to a trial. Errors: not_found.
  Status change(const std::string& model, std::span<const Change> changes, Timestamp now);
  /// Errors: not_found.
  Status pin(const std::string& model, uint64_t version, bool pinned);
  /// Adds metrics to a version, or replaces those of the same names. Errors: not_found.
  Status note_metrics(const std::string& model, uint64_t version,
                      const std::vector<std::pair<std::string, double>>& more);
  /// Drops all but the newest `keep` versions; never one that is pinned, live, on trial, or that a rollback leads to.
  /// Returns what was dropped.
  Result<std::vector<uint64_t>> prune(const std::string& model, size_t keep);

 private:
  Store& store_;
};

}  // namespace penstock
