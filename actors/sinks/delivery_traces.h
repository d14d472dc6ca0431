// Tells that followed records have been delivered. Used by one sink's worker alone.
#pragma once

#include <string>
#include <vector>

#include "actors/regions/trace_step.h"

namespace penstock {

class DeliveryTraces {
 public:
  explicit DeliveryTraces(Runtime& runtime) : runtime_(runtime) {}

  /// A delivery begins; what an earlier one held that failed is given up.
  void begin() { followed_.clear(), begun_nanos_ = runtime_.clock.monotonic_nanos(); }
  /// The sink has been given these rows of the log.
  void add(const std::string& log, const RecordBatch& batch) {
    if (runtime_.traces.any())
      for (Traces::Row& row : runtime_.traces.in(log, batch))
        followed_.push_back(std::move(row.record));
  }
  /// The outside has them for good.
  void delivered(const monitoring::Origin& sink) {
    const double seconds = static_cast<double>(runtime_.clock.monotonic_nanos() - begun_nanos_) * 1e-9;
    for (const TracedRecord& record : followed_)
      tell_trace(runtime_, sink, record, {"delivered", "confirmed by the " + sink.type + " sink", seconds});
    followed_.clear();
  }

 private:
  Runtime& runtime_;
  std::vector<TracedRecord> followed_;
  int64_t begun_nanos_ = 0;
};

}  // namespace penstock
