#include "monitoring/panels/dashboards.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {
namespace {

constexpr const char* kJob = "component_id=~\"$job\"";

PanelRow runs() {
  const PromQl& q = chosen();
  const auto largest = [&](Metric metric) { return max_by("component_id", q.value(metric, kJob)); };
  return {
      "Runs",
      {
          {.title = "Jobs",
           .description =
               "One line each: whether it runs and how far, how long it took the last time, when it last succeeded.",
           .kind = PanelKind::kTable,
           .queries = {{largest(Metric::kJobRunning), "runs"},
                       {largest(Metric::kJobProgress) + " >= 0", "done", Unit::kShare},
                       {largest(Metric::kJobEta) + " >= 0", "still takes", Unit::kSeconds},
                       {largest(Metric::kJobSeconds), "took", Unit::kSeconds},
                       {"time() - (" + largest(Metric::kJobSucceeded) + " > 0)", "succeeded ago", Unit::kSeconds},
                       {largest(Metric::kJobFailing), "last one failed"},
                       {"(" + largest(Metric::kJobNext) + " > 0) - time()", "due in", Unit::kSeconds},
                       {largest(Metric::kJobLate), "late by", Unit::kSeconds}},
           .width = 24,
           .height = 6,
           .labels = {"component_id"},
           .runbook = "PenstockJobFailed",
           .empty = "no jobs"},
          {.title = "When jobs ran",
           .description = "1 while the job runs.",
           .kind = PanelKind::kStateTimeline,
           .queries = {{largest(Metric::kJobRunning), "{{component_id}}"}},
           .meanings = {{0, "rests", Colour::kGrey}, {1, "runs", Colour::kBlue}},
           .empty = "no jobs"},
          {.title = "Runs that ended",
           .description = "By how they ended: succeeded, failed, cancelled, timed_out, interrupted.",
           .queries = {{times(sum_by("component_id, state", q.increase(Metric::kJobRuns, kJob))),
                        "{{component_id}}: {{state}}"}},
           .runbook = "PenstockJobFailed",
           .empty = "none so far"},
          {.title = "Progress",
           .description = "How far the run under way is; nothing: it rests.",
           .unit = Unit::kShare,
           .queries = {{largest(Metric::kJobProgress) + " >= 0", "{{component_id}}"}},
           .width = 8,
           .maximum = 1,
           .empty = "no job runs"},
          {.title = "Duration",
           .description =
               "Of the run that ended last. A climb says that it will not be done one day before the next is due.",
           .unit = Unit::kSeconds,
           .queries = {{largest(Metric::kJobSeconds), "{{component_id}}"}},
           .width = 8,
           .runbook = "PenstockJobLate",
           .empty = "no run has ended"},
          {.title = "Late",
           .description = "For how long a run has been due and not begun, because the one before it still goes on.",
           .unit = Unit::kSeconds,
           .queries = {{largest(Metric::kJobLate), "{{component_id}}"}},
           .width = 8,
           .thresholds = {{thresholds::kJobLateSeconds, Colour::kRed}},
           .runbook = "PenstockJobLate",
           .empty = "no jobs"},
      }};
}

PanelRow tasks() {
  const PromQl& q = chosen();
  return {
      "Tasks of recomputed views",
      {
          {.title = "Tasks ended",
           .description = "By kind (map reads a shard of history, reduce puts together, erase clears away) and result.",
           .unit = Unit::kPerSecond,
           .queries = {{sum_by("component_id, task, result", q.rate(Metric::kBatchTasks)),
                        "{{component_id}}: {{task}} {{result}}"}},
           .width = 12,
           .runbook = "PenstockBatchTasksFail",
           .empty = "no view was recomputed"},
          {.title = "Duration of a task",
           .description = "p99 by kind: one slow shard holds up the whole.",
           .unit = Unit::kSeconds,
           .queries = {{q.quantile(0.99, Metric::kBatchTaskSeconds, "component_id, task"),
                        "{{component_id}}: {{task}}"}},
           .width = 12,
           .runbook = "PenstockBatchTasksFail",
           .empty = "no view was recomputed of late"},
      }};
}

}  // namespace

Dashboard jobs_dashboard() {
  return {.uid = "penstock-jobs",
          .title = "Penstock: jobs",
          .question = "Does the work of the batch layer get done, in time?",
          .variables = {{"job", "Job", info(Metric::kJobRunning).name, "component_id"}},
          .rows = {runs(), tasks()}};
}

}  // namespace penstock::monitoring
