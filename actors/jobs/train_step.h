// Step of a job that trains a model and waits for what comes of it. The step succeeds if the training does; a version that the
// gate rejects is a result too, and stands in the step's note.
#pragma once

#include <functional>
#include <string>

#include "actors/jobs/step_work.h"
#include "actors/servers/model_server.h"

namespace penstock {

class TrainStep final : public StepWork {
 public:
  /// Starts a training. Errors: already_exists (one is under way: the step waits for its end, and begins its own).
  using Train = std::function<Status(const std::string& model)>;

  /// `server` outlives this.
  TrainStep(ModelServer& server, Train train) : server_(server), train_(std::move(train)) {}
  StepLook look() override;
  void cancel() override;

 private:
  StepLook outcome() const;

  ModelServer& server_;
  const Train train_;
  bool begun_ = false;
  bool cancelled_ = false;
  uint64_t newest_ = 0;  // version before it
};

}  // namespace penstock
