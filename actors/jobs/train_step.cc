#include "actors/jobs/train_step.h"

namespace penstock {
namespace {

uint64_t newest_version(const ModelServer& server) {
  const ModelStatus status = server.status();
  return status.versions.empty() ? 0 : status.versions.back().version;
}

}  // namespace

StepLook TrainStep::look() {
  if (begun_ && server_.training()) {
    const ModelStatus status = server_.status();
    return {.progress = status.progress, .eta_seconds = status.eta_seconds, .note = status.message};
  }
  if (begun_)
    return outcome();
  if (cancelled_)
    return {.ended = true, .status = penstock::cancelled("cancelled before the training began")};
  newest_ = newest_version(server_);
  const Status begun = train_(server_.id());
  begun_ = begun.ok();
  if (begun_ || begun.code() == Code::kAlreadyExists)
    return {.note = begun_ ? "training" : "waits for the training under way"};
  return {.ended = true, .status = begun};
}

StepLook TrainStep::outcome() const {
  const ModelStatus status = server_.status();
  if (!status.versions.empty() && status.versions.back().version > newest_) {
    const ModelVersion& version = status.versions.back();
    return {.ended = true,
            .note = "version " + std::to_string(version.version) + " is " +
                    std::string(model_state_name(version.state)) +
                    (version.reason.empty() ? "" : ": " + version.reason)};
  }
  const std::string why = status.message.empty() ? "the training gave no version" : status.message;
  return {.ended = true, .status = cancelled_ ? penstock::cancelled(why) : Status(Code::kInternal, why)};
}

void TrainStep::cancel() {
  if (begun_ && !cancelled_)
    (void)server_.cancel_training();
  cancelled_ = true;
}

}  // namespace penstock
