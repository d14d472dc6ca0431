// Answers requests for one model: the user's whole history is looked up, the user solved from it, the best items found.
// Every answer comes from one complete snapshot; a new version replaces it whole. Between trainings, items that the
// snapshot does not know are folded in from their fans. Thread safe; nothing waits for a training.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/aggregators/history.h"
#include "actors/servers/node.h"
#include "actors/servers/serving.h"
#include "actors/supervision/runtime.h"
#include "models/model.h"
#include "storage/model_repository.h"

namespace penstock {

class ModelServer {
 public:
  /// Requires: `id` is a model of the plan; the runtime outlives this.
  ModelServer(Runtime* runtime, std::string id);

  /// Serves the stored live version, if there is one. Errors: data_loss.
  Status load();
  /// Serves this version from now on.
  void publish(const ModelSnapshotPtr& snapshot, const ModelVersion& version);
  /// Solves items that came after the training from the users who touched them, anew when there are more such users.
  /// Called now and then by the model's trainer.
  void fold_in_new_items();

  /// Errors: failed_precondition (nothing learnt and nothing popular yet).
  Result<Recommendation> recommend(const std::string& user, const std::vector<std::string>& exclude, size_t n) const;
  /// Errors: not_found (unknown item), failed_precondition.
  Result<Recommendation> similar(const std::string& item, size_t n) const;
  ModelStatus status() const;

  const std::string& id() const { return id_; }
  const topology::Component& component() const { return component_; }
  /// The algorithm with its hyper-parameters, as the topology declares it.
  const ModelPtr& model() const { return model_; }
  bool serves() const { return serving() != nullptr; }
  /// What answers now; null if nothing has been learnt. Hold it for as long as one answer takes.
  ServingPtr serving() const;
  /// Who did what, as far as it was read; null while the region starts for the first time.
  std::shared_ptr<const History> history() const;
  /// The last training failed.
  bool has_failed() const;

  // The life of a training. `begin_training` says no if one is under way; the trainer takes the request up.
  bool begin_training();
  bool take_request() { return requested_.exchange(false); }
  bool requested() const { return requested_; }
  bool training() const { return training_; }
  void end_training(const Status& status);
  void cancel_training() { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }
  void note_progress(double progress, const std::string& note);

 private:
  void serve(ServingPtr serving);
  void fill_with_popular(const History& history, const std::vector<std::string>& masked, size_t n,
                         Recommendation& answer) const;

  Runtime* runtime_;
  const std::string id_;
  const topology::Component& component_;
  monitoring::Origin origin_;
  ModelPtr model_;
  MemoryAccount snapshot_memory_;

  mutable std::mutex mutex_;  // guards the pointers and the status below, never held while computing
  ServingPtr serving_;
  std::string state_ = "untrained";
  std::string message_;
  double progress_ = -1;

  std::atomic<bool> training_{false};
  std::atomic<bool> requested_{false};  // and the trainer has not begun
  std::atomic<bool> cancelled_{false};
};

}  // namespace penstock
