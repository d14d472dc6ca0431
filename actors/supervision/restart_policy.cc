#include "actors/supervision/restart_policy.h"

#include <algorithm>
#include <cmath>

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
  const double doubled = static_cast<double>(limits_.backoff_min.micros) * std::exp2(std::min<int64_t>(excess_++, 40));
  const double pause = std::min(doubled, static_cast<double>(limits_.backoff_max.micros)) * (0.8 + 0.4 * random);
  return {Duration{std::llround(pause)}, true};
}

}  // namespace penstock
