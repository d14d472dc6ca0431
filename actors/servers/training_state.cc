#include "actors/servers/training_state.h"

namespace penstock {
namespace {

constexpr double kTooEarly = 0.02;  // done: an estimate from less is a guess

}  // namespace

bool TrainingState::begin() {
  if (training_.exchange(true))
    return false;
  const std::lock_guard lock(mutex_);
  view_ = {"training", "", 0, -1};
  begun_nanos_ = -1;
  cancelled_ = false;
  requested_ = true;
  return true;
}

void TrainingState::end(const Status& status, const std::string& note) {
  {
    const std::lock_guard lock(mutex_);
    failed_ = !status.ok();
    const bool failed = failed_ && status.code() != Code::kCancelled;
    view_ = {failed ? "failed" : "", failed_ ? status.message() : note, -1, -1};
  }
  requested_ = false;
  training_ = false;
}

bool TrainingState::cancel() {
  if (!training_)
    return false;
  cancelled_ = true;
  return true;
}

void TrainingState::note_progress(double progress, const std::string& note, int64_t now_nanos) {
  const std::lock_guard lock(mutex_);
  if (begun_nanos_ < 0)
    begun_nanos_ = now_nanos;
  const double spent = static_cast<double>(now_nanos - begun_nanos_) * 1e-9;
  view_.message = note;
  view_.progress = progress;
  view_.eta_seconds = progress > kTooEarly ? spent * (1 - progress) / progress : -1;
}

bool TrainingState::has_failed() const {
  const std::lock_guard lock(mutex_);
  return failed_ && !training_;
}

TrainingState::View TrainingState::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

}  // namespace penstock
