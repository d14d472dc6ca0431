#include "actors/supervision/work_report.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <tuple>

namespace penstock {
namespace {

// Of a component, over all its workers.
struct Sums {
  const Pulse* pulse = nullptr;  // of one of them
  bool holds_state = false;
  uint64_t keys = 0, state_bytes = 0;
  int64_t waiting_bytes = 0, waiting_batches = 0;
  std::optional<int64_t> event_time;

  void add(const Pulse& worker) {
    pulse = &worker;
    holds_state |= worker.holds_state;
    keys += worker.keys;
    state_bytes += worker.state_bytes;
    waiting_bytes += worker.waiting_bytes;
    waiting_batches += worker.waiting_batches;
    if (const int64_t reached = worker.event_time; reached != Pulse::kNoEventTime)
      event_time = std::min(event_time.value_or(reached), reached);
  }
};

double seconds(int64_t nanos) { return static_cast<double>(nanos) * 1e-9; }
uint64_t at_least_none(int64_t count) { return static_cast<uint64_t>(std::max<int64_t>(0, count)); }

}  // namespace

void WorkReport::tell() {
  const std::lock_guard lock(mutex_);
  const int64_t now_nanos = clock_.monotonic_nanos();
  const int64_t now_micros = clock_.now().micros;
  std::erase_if(told_, [](const auto& one) { return one.second.pulse.expired(); });
  const std::vector<PulsePtr> pulses = pulses_.all();
  std::map<std::tuple<std::string, std::string, std::string>, Sums> components;
  for (const PulsePtr& pulse : pulses) {
    if (pulse->since == 0)  // has not worked yet, or has no WorkClock
      continue;
    tell_time(pulse, now_nanos);
    components[{pulse->origin.id, pulse->origin.kind, pulse->origin.type}].add(*pulse);
  }
  for (const auto& [id, sums] : components) {
    const monitoring::Origin& origin = sums.pulse->origin;
    monitor_.emit(
        monitoring::QueueSize{origin, at_least_none(sums.waiting_bytes), at_least_none(sums.waiting_batches)});
    if (sums.holds_state)
      monitor_.emit(monitoring::StateSize{origin, sums.keys, sums.state_bytes});
    if (sums.event_time)
      monitor_.emit(monitoring::WatermarkReached{origin, static_cast<double>(*sums.event_time) * 1e-6,
                                                 static_cast<double>(now_micros - *sums.event_time) * 1e-6});
  }
}

// With the stretch that is not over yet: a worker that hangs is busy, one that gets nothing is idle. The worker goes on
// meanwhile, so that what is read here may be a little ahead; what was told is never taken back.
void WorkReport::tell_time(const PulsePtr& pulse, int64_t now) {
  Told& told = told_.try_emplace(pulse.get(), Told{pulse}).first->second;
  const int64_t stretch = std::max<int64_t>(0, now - pulse->since);
  int64_t busy = pulse->busy, idle = pulse->idle, blocked = pulse->blocked;
  (pulse->busy_since != 0 ? busy : pulse->is_blocked ? blocked : idle) += stretch;
  const auto grown = [](int64_t& before, int64_t now_is) {
    const int64_t more = std::max<int64_t>(0, now_is - before);
    before += more;
    return seconds(more);
  };
  monitor_.emit(monitoring::TimeSpent{pulse->origin, grown(told.busy, busy), grown(told.idle, idle),
                                      grown(told.blocked, blocked)});
}

}  // namespace penstock
