// A job as the topology declares it: work in the batch layer, and when it is done. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/cron.h"
#include "core/units.h"
#include "topology/component_type.h"

namespace penstock {

/// When a job is due by the clock: by a cron schedule, or every so often from 1970-01-01T00:00Z on (`every: 15m` is at :00, :15,
/// :30, :45). UTC.
class JobRhythm {
 public:
  explicit JobRhythm(CronSchedule schedule, std::string text) : rhythm_(schedule), text_(std::move(text)) {}
  explicit JobRhythm(Duration every) : rhythm_(every), text_("every " + to_string(every)) {}
  /// The first time strictly after.
  Timestamp next_after(Timestamp time) const;
  /// As declared: `0 3 * * *`, `every 15m`.
  const std::string& text() const { return text_; }

 private:
  std::variant<CronSchedule, Duration> rhythm_;
  std::string text_;
};

struct JobSpec {
  enum class Missed { kRunOnce, kSkip };

  std::string name;
  std::vector<std::string> run;     // what it does, in order: ids of models, views and result files
  std::optional<JobRhythm> rhythm;  // none: not by the clock
  bool on_start = false;
  std::vector<std::string> after;  // jobs
  std::optional<Duration> timeout;
  Missed missed = Missed::kRunOnce;  // runs that were due while the node was down, or the run before still went on
  uint32_t retries = 0;              // of each step
  Duration retry_after{10'000'000};
  size_t keep_history = 100;  // ended runs
};

/// Requires: the component passed the type's `bind`.
JobSpec job_of(const topology::Component& component);

/// The jobs' one type, `job`.
topology::ComponentType job_type();

}  // namespace penstock
