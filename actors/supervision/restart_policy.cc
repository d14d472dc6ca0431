#include "actors/supervision/restart_policy.h"

#include "core/backoff.h"

namespace penstock {

RestartDecision RestartHistory::on_failure(int64_t now_nanos, double random) {
  ++total_;
  while (!failures_.empty() && now_nanos - failures_.front() > limits_.period.micros * 1000)
    failures_.pop_front();
  failures_.push_back(now_nanos);
  if (static_cast<int64_t>(failures_.size()) <= limits_.intensity) {
    excess_ = 0;
    return {Duration{0}, false};
  }
  const Backoff backoff{limits_.backoff_min, limits_.backoff_max};
  return {backoff.pause(static_cast<uint64_t>(++excess_), random), true};
}

}  // namespace penstock
