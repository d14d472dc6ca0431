#include "monitoring/rules/expressions.h"
#include "monitoring/rules/rules.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {

RuleGroup job_rules() {
  using namespace thresholds;
  RuleGroup group{"jobs", "The batch layer.", {}, {}};
  group.alerts = {
      {"PenstockJobFailed", value(Metric::kJobFailing) + " == 1", "0s", Severity::kWarning,
       "The last run of the job {{ $labels.component_id }} of {{ $labels.instance }} failed",
       "Or took longer than its timeout. What its finished steps did stays; the alert ends with the next run that "
       "succeeds."},
      {"PenstockJobLate", above(value(Metric::kJobLate), kJobLateSeconds), "0s", Severity::kWarning,
       "The job {{ $labels.component_id }} of {{ $labels.instance }} is {{ $value | humanizeDuration }} late",
       "A run is due and cannot begin, because the one before still goes on."},
      {"PenstockBatchTasksFail",
       at_least(sum_by(kByComponent, grown(Metric::kBatchTasks, 15, "result=\"failed\"")), kBatchTaskFailures), "0s",
       Severity::kWarning, "{{ $value | printf \"%.0f\" }} tasks that recompute {{ $labels.component_id }} failed",
       "A task that fails is done again, up to five times; then the recomputation fails and the view stays as it was."},
  };
  return group;
}

}  // namespace penstock::monitoring
