// Answers requests for one model: the user's whole history is looked up, the user solved from it, the best items found.
// Every answer comes from one complete snapshot; a new version replaces it whole, or answers a share of the users beside
// it. Between trainings, items that a snapshot does not know are folded in from their fans. Thread safe; nothing waits for
// a training.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/aggregators/history.h"
#include "actors/servers/model_life.h"
#include "actors/servers/node.h"
#include "actors/servers/served_versions.h"
#include "actors/servers/serving.h"
#include "actors/servers/training_state.h"
#include "actors/supervision/runtime.h"
#include "actors/trainers/feature_reader.h"
#include "models/model.h"
#include "storage/model_repository.h"

namespace penstock {

class ModelServer {
 public:
  /// Requires: `id` is a model of the plan; the runtime outlives this.
  ModelServer(Runtime* runtime, std::string id);

  /// Serves the stored live version and the one on trial, if there are such. Errors: data_loss.
  Status load();
  /// The snapshot of a stored version, which may have other parameters than the topology declares. Errors: data_loss,
  /// not_found.
  Result<ModelSnapshotPtr> load_snapshot(const ModelVersion& version) const;
  /// Serves this version from now on.
  void publish(const ModelSnapshotPtr& snapshot, const ModelVersion& version);
  /// The same for a version on trial, which answers that share of the users or requests.
  void publish_trial(const ModelSnapshotPtr& snapshot, const ModelVersion& version, double share);
  void end_trial();
  /// Solves items that came after the training from the users who touched them, anew when there are more such users.
  /// Called now and then by the model's trainer.
  void fold_in_new_items();

  /// Errors: failed_precondition (nothing learnt and nothing popular yet), invalid_argument (a filter: a model knows no
  /// columns).
  Result<Recommendation> recommend(const RecommendationQuery& query) const;
  /// Of these items only (null: of all). Errors: not_found (unknown item), failed_precondition.
  Result<Recommendation> similar(const std::string& item, size_t n, const ItemSet* allowed = nullptr) const;

  /// Who asks, in the numbers of what answers now.
  struct Asker {
    ServingPtr serving = {};                // null: nothing has been learnt
    std::shared_ptr<const IdMap> ids = {};  // of `past`; null while the region starts
    std::optional<UserHistory> past = {};   // none: the user has never done anything
    std::vector<ItemWeight> history = {};   // what the snapshot knows of it, and behind it of the session
    std::vector<Feature> features = {};     // declared ones of the user
    std::string_view user = {};

    /// What the snapshot is to be asked; valid as long as the asker is.
    ModelQuery query(size_t n) const { return {.user = user, .history = history, .features = features, .n = n}; }
  };
  /// `user` outlives the asker.
  Asker asker(std::string_view user, std::span<const SessionItem> session) const;
  ModelStatus status() const;

  const std::string& id() const { return id_; }
  const topology::Component& component() const { return component_; }
  /// The algorithm with its hyper-parameters, as the topology declares it.
  const ModelPtr& model() const { return model_; }
  /// The views of users and items that the topology names, if the algorithm asks for features.
  const FeatureReaders& features() const { return features_; }
  bool serves() const { return serving() != nullptr; }
  /// The live version; null if nothing has been learnt. Hold it for as long as one answer takes.
  ServingPtr serving() const { return versions_.live(); }
  /// The version that answers this user: the live one, or a canary for its share of the users.
  ServingPtr serving_for(std::string_view user) const { return versions_.for_user(user); }
  const ServedVersions& versions() const { return versions_; }
  /// To be told of each answer that is given from serving_for(): how long it took, what is shown (nothing, where the model had
  /// nothing to say), how many items the history had. Watches a version on trial; costs nothing where there is none.
  void note_answer(const Serving& by, const std::string& user, size_t history,
                   const std::vector<RecommendedItem>& shown, double seconds, bool failed = false) const;
  /// Who did what, as far as it was read; null while the region starts for the first time.
  std::shared_ptr<const History> history() const;
  /// The last training failed or was cancelled.
  bool has_failed() const { return trainings_.has_failed(); }
  ModelLife& life() { return life_; }
  const monitoring::Origin& origin() const { return origin_; }

  // The life of a training. `begin_training` says no if one is under way; the trainer takes the request up.
  bool begin_training() { return trainings_.begin(); }
  bool take_request() { return trainings_.take_request(); }
  bool requested() const { return trainings_.requested(); }
  bool training() const { return trainings_.training(); }
  /// `note`: what to say of one that went well.
  void end_training(const Status& status, const std::string& note = {}) { trainings_.end(status, note); }
  bool cancel_training() { return trainings_.cancel(); }
  void stop_training() { trainings_.stop(); }
  bool cancelled() const { return trainings_.cancelled(); }
  void note_progress(double progress, const std::string& note);

 private:
  void fold_in_new_items(const ServingPtr& serving);
  void note_retrieval();
  void fill_with_popular(const RecommendationQuery& query, const History& history, const Asker& asker,
                         Recommendation& answer) const;

  Runtime* runtime_;
  const std::string id_;
  const topology::Component& component_;
  monitoring::Origin origin_;
  ModelPtr model_;
  FeatureReaders features_;
  MemoryAccount snapshot_memory_;

  ServedVersions versions_;
  TrainingState trainings_;
  mutable ModelLife life_;  // is told of answers
};

}  // namespace penstock
