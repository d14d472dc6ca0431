// What a node offers about the versions of its models: look at them, let one serve, go back, keep or drop them, carry them
// to another node. Any thread. What changes something, or reads a snapshot, waits its turn in the background: `done` is called
// once, by another thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "actors/servers/rollout.h"
#include "core/status.h"
#include "storage/model_repository.h"

namespace penstock {

/// The version on trial and what was counted of it.
struct TrialStatus {
  ModelVersion version;
  double share = 0;  // of the users that a canary answers, of the requests that a shadow answers too
  Duration left;     // until it may go live
  AnswerFigures live, trial;
  ShadowFigures shadow;
};

class ModelDesk {
 public:
  virtual ~ModelDesk() = default;
  /// Oldest first. Errors of all calls: not_found (model or version).
  virtual Result<std::vector<ModelVersion>> versions(const std::string& model) const = 0;
  virtual Result<ModelVersion> version(const std::string& model, uint64_t version) const = 0;
  /// Nothing if no version is on trial.
  virtual Result<std::optional<TrialStatus>> trial(const std::string& model) const = 0;

  using VersionDone = std::function<void(Result<ModelVersion>)>;
  /// To live, shadow or canary. Errors: failed_precondition (it was rejected and there is no `force`, and others),
  /// already_exists (it is there).
  struct Promotion {
    std::string model;
    uint64_t version = 0;
    ModelState to = ModelState::kLive;
    bool force = false;
  };
  virtual void promote(Promotion promotion, VersionDone done) = 0;
  /// The version on trial, or else the live one, is given up; what was live before is live again. Gives what was given up.
  /// Errors: failed_precondition (there was nothing before).
  virtual void roll_back(const std::string& model, const std::string& reason, VersionDone done) = 0;
  virtual void pin(const std::string& model, uint64_t version, bool pinned, VersionDone done) = 0;
  /// Gives the versions that were dropped. `keep` 0: as many as the topology says.
  virtual void prune(const std::string& model, size_t keep,
                     std::function<void(Result<std::vector<uint64_t>>)> done) = 0;
  /// A file as in storage/model_file.h.
  virtual void export_version(const std::string& model, uint64_t version,
                              std::function<void(Result<std::string>)> done) = 0;
  /// Errors: invalid_argument, data_loss, failed_precondition (the model is of another type).
  virtual void import_version(const std::string& model, std::string file, VersionDone done) = 0;
  /// Ends the training under way. Errors: failed_precondition (there is none).
  virtual Status cancel(const std::string& model) = 0;
};

}  // namespace penstock
