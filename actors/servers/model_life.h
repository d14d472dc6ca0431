// Moves a model's versions through their lives: takes what the trainer made, promotes, rolls back, looks after the version
// on trial. Each move is stored first and then served, so that a node that dies between comes back with it. Thread safe; a
// call waits for a commit, and where another version is to serve for its snapshot to be read.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "actors/servers/model_desk.h"
#include "actors/servers/rollout_watch.h"
#include "actors/servers/shadow_queue.h"
#include "actors/trainers/life_cycle.h"
#include "models/model.h"
#include "storage/model_repository.h"

namespace penstock {

class ModelServer;
struct Runtime;

class ModelLife {
 public:
  /// Both outlive this.
  ModelLife(Runtime* runtime, ModelServer* server);

  const LifeCycle& options() const { return options_; }
  Result<std::vector<ModelVersion>> versions() const;  // oldest first
  /// Errors: not_found.
  Result<ModelVersion> version(uint64_t version) const;
  Result<std::optional<TrialStatus>> trial(Timestamp now) const;
  /// Stores a new version in its state, serves it as that says, and drops old ones. Gives it with its number.
  Result<ModelVersion> add(ModelVersion version, const ModelSnapshotPtr& snapshot);
  /// To live, or on trial. Errors: not_found, failed_precondition (rejected and not `force`; another type than the
  /// topology declares; nothing is live that a trial could stand beside), already_exists (it is there), data_loss.
  Result<ModelVersion> promote(uint64_t version, ModelState to, bool force);
  /// Gives up the version on trial if there is one, else goes back from the live version to the one before. Gives what was
  /// rolled back. Errors: failed_precondition (there was none before).
  Result<ModelVersion> roll_back(const std::string& reason);
  Result<ModelVersion> pin(uint64_t version, bool pinned);
  Result<std::vector<uint64_t>> prune(size_t keep);
  /// As one file (storage/model_file.h).
  Result<std::string> export_version(uint64_t version) const;
  /// Stores a version from a file as a candidate. Errors: invalid_argument, data_loss, failed_precondition (another type).
  Result<ModelVersion> import_version(std::string_view file);

  /// Begins the trial that the store says is on.
  void resume(const ModelVersion& live, const ModelVersion& trial, const ModelSnapshotPtr& snapshot);
  /// Looks after the trial; called several times a second, by one thread.
  void tick();

  /// Whether the next request is one that a version in shadow answers too.
  bool in_shadow_sample(double share);
  RolloutWatch& watch() { return watch_; }
  ShadowQueue& shadow() { return shadow_; }

 private:
  Status serve(const ModelVersion& version, const ModelSnapshotPtr& snapshot);
  Status finish_trial(ModelState to, const std::string& reason);
  Status go_back(const ModelVersion& from, const ModelVersion& to, const std::string& reason);
  void begin_trial(const ModelVersion& version, const ModelSnapshotPtr& snapshot);
  void end_trial();
  void compare_shadows();
  void look_at_trial();
  void tell(const ModelVersion& version) const;

  Runtime& runtime_;
  ModelServer& server_;
  const LifeCycle options_;
  mutable std::mutex mutex_;  // one move at a time
  RolloutWatch watch_;
  ShadowQueue shadow_;
  std::atomic<uint64_t> requests_{0};
  int64_t next_look_nanos_ = 0;
};

}  // namespace penstock
