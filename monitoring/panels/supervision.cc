#include "monitoring/panels/dashboards.h"

namespace penstock::monitoring {
namespace {

constexpr const char* kChosen = "component_id=~\"$component\"";
constexpr const char* kWho = "{{component_id}} ({{component_kind}})";
constexpr const char* kById = "component_id, component_kind";

/// One number a component, so that a timeline can colour it: the worst of the states it is in.
std::string state_number() {
  const PromQl& q = chosen();
  const auto in = [&](const std::string& states, const std::string& number) {
    return "(" + q.value(Metric::kState, std::string(kChosen) + ",state" + states) + " == 1) * " + number;
  };
  return max_by(kById, in("=~\"failing|failed|stalled\"", "4") + " or " + in("=\"restarting\"", "3") + " or " +
                           in("=~\"starting|retrying|isolating|paused\"", "2") + " or " +
                           in("!~\"failing|failed|stalled|restarting|starting|retrying|isolating|paused\"", "1"));
}

PanelRow states() {
  const PromQl& q = chosen();
  const auto stat = [](Panel panel) {
    panel.kind = PanelKind::kStat, panel.width = 4, panel.height = 4;
    return panel;
  };
  return {
      "State",
      {
          stat({.title = "Ready",
                .description = "1 once every region has run and every model that has history to learn from serves.",
                .queries = {{min_by("", q.value(Metric::kReady)), "ready"}},
                .thresholds = {{-1, Colour::kRed}, {1, Colour::kGreen}},
                .meanings = {{0, "no", Colour::kRed}, {1, "yes", Colour::kGreen}},
                .runbook = "PenstockNodeNotReady"}),
          stat({.title = "Healthy",
                .description = "1 while nothing is failing or stalled.",
                .queries = {{min_by("", q.value(Metric::kHealthy)), "healthy"}},
                .thresholds = {{-1, Colour::kRed}, {1, Colour::kGreen}},
                .meanings = {{0, "no", Colour::kRed}, {1, "yes", Colour::kGreen}},
                .runbook = "PenstockComponentFailing"}),
          stat({.title = "Not working",
                .description = "Components that are starting, restarting, failing or stopped.",
                .queries = {{or_zero("count(" + q.value(Metric::kUp) + " == 0)"), "components"}},
                .thresholds = {{1, Colour::kRed}},
                .runbook = "PenstockComponentDown"}),
          stat({.title = "Restarts, last hour",
                .description = "Restarts of failed components.",
                .queries = {{or_zero(times(sum_by("", q.over("1h").increase(Metric::kRestarts)))), "restarts"}},
                .thresholds = {{1, Colour::kYellow}, {10, Colour::kRed}},
                .runbook = "PenstockComponentRestarts"}),
          stat({.title = "Starts of nodes, last hour",
                .description = "Starts of the process itself, beside the first one that was seen.",
                .queries = {{"sum(changes(" + q.value(Metric::kStarted) + "[1h]))", "starts"}},
                .thresholds = {{1, Colour::kYellow}, {3, Colour::kRed}},
                .runbook = "PenstockNodeRestarts"}),
          stat({.title = "Up for",
                .description = "Time since the youngest node started.",
                .unit = Unit::kSeconds,
                .queries = {{"time() - " + max_by("", q.value(Metric::kStarted)), "up"}},
                .runbook = "PenstockNodeRestarts"}),
          {.title = "States",
           .description = "What each component was at, when. Work waits while a part is not green; the others go on.",
           .kind = PanelKind::kStateTimeline,
           .queries = {{state_number(), kWho}},
           .width = 24,
           .height = 12,
           .meanings = {{1, "works", Colour::kGreen},
                        {2, "starting, waiting or isolating", Colour::kYellow},
                        {3, "restarting", Colour::kOrange},
                        {4, "failing or stalled", Colour::kRed}},
           .runbook = "PenstockComponentFailing"},
      }};
}

PanelRow failures() {
  const PromQl& q = chosen();
  return {
      "Failures",
      {
          {.title = "Restarts",
           .description =
               "Up to `restart_intensity` of them within `restart_period` happen at once, more after pauses.",
           .queries = {{times(sum_by(kById, q.increase(Metric::kRestarts, kChosen))), kWho}},
           .width = 8,
           .runbook = "PenstockComponentRestarts",
           .empty = "none so far"},
          {.title = "Pause before the last restart",
           .description = "Doubles from one failure to the next, up to `backoff_max`.",
           .unit = Unit::kSeconds,
           .queries = {{max_by(kById, q.value(Metric::kRestartBackoff, kChosen)), kWho}},
           .width = 8,
           .runbook = "PenstockComponentFailing",
           .empty = "no restarts so far"},
          {.title = "Errors by kind",
           .description = "What components reported, whether it made them fail or not.",
           .unit = Unit::kPerSecond,
           .queries = {{sum_by("component_id, error_type", q.rate(Metric::kErrors, kChosen)),
                        "{{component_id}}: {{error_type}}"}},
           .width = 8,
           .runbook = "PenstockComponentErrors",
           .empty = "none so far"},
          {.title = "Stalls",
           .description = "Times that a component had work and did not answer within `stall_timeout`.",
           .queries = {{times(sum_by(kById, q.increase(Metric::kStalls, kChosen))), kWho}},
           .width = 8,
           .runbook = "PenstockComponentStalled",
           .empty = "none so far"},
          {.title = "Records isolated",
           .description = "Records that made their component fail again and again, and were set aside.",
           .queries = {{times(sum_by(kById, q.increase(Metric::kIsolatedEvents, kChosen))), kWho}},
           .width = 8,
           .runbook = "PenstockRecordIsolated",
           .empty = "none so far"},
          {.title = "Dead letters waiting",
           .description =
               "Letters that were neither replayed nor purged, and the age of the oldest on the dashboard of sources.",
           .queries = {{sum_by("instance", q.value(Metric::kLettersWaiting)), "{{instance}}"}},
           .width = 8,
           .runbook = "PenstockDeadLettersForgotten"},
      }};
}

}  // namespace

Dashboard supervision_dashboard() {
  return {.uid = "penstock-supervision",
          .title = "Penstock: supervision",
          .question = "What failed, what is being restarted, and what never came back?",
          .variables = {{"component", "Component", info(Metric::kUp).name, "component_id"}},
          .rows = {states(), failures()}};
}

}  // namespace penstock::monitoring
