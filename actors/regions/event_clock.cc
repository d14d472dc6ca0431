#include "actors/regions/event_clock.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace penstock {

void EventClock::observe(const RecordBatch& batch) {
  const Column& times = *batch.column(column_);
  const auto values = times.int64s();
  int64_t latest = std::numeric_limits<int64_t>::min();
  for (size_t i = 0; i < batch.rows(); ++i) {
    const size_t row = batch.row(i);
    if (!times.is_null(row))
      latest = std::max(latest, values[row]);
  }
  if (latest == std::numeric_limits<int64_t>::min())
    return;
  EventProgress::Part part{0, 0, {latest}};
  if (batch.origin()) {
    part.input = batch.origin()->input;
    part.partition = batch.origin()->partition.value();
  }
  const auto before = [](const EventProgress::Part& left, const EventProgress::Part& right) {
    return std::tie(left.input, left.partition) < std::tie(right.input, right.partition);
  };
  const std::vector<EventProgress::Part>& parts = progress_->parts;
  const auto at = std::lower_bound(parts.begin(), parts.end(), part, before);
  const bool known = at != parts.end() && !before(part, *at);
  if (known && at->latest >= part.latest)
    return;
  auto next = std::make_shared<EventProgress>(*progress_);
  const auto place = next->parts.begin() + (at - parts.begin());
  if (known)
    place->latest = part.latest;
  else
    next->parts.insert(place, part);
  progress_ = std::move(next);
}

}  // namespace penstock
