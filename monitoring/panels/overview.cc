#include "monitoring/panels/dashboards.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {
namespace {

constexpr const char* kServed = "route!~\"GET /metrics|GET /health|GET /ready|other\"";

PanelRow now() {
  const PromQl& q = chosen();
  const auto stat = [](Panel panel) {
    panel.kind = PanelKind::kStat, panel.width = 4, panel.height = 4;
    return panel;
  };
  const std::string errors = sum_by("", q.rate(Metric::kRequests, "code=~\"5..\""));
  return {
      "Now",
      {
          stat({.title = "Nodes",
                .description = "Nodes that run this topology and are scraped.",
                .queries = {{"count(" + q.value(Metric::kBuildInfo) + ")", "nodes"}},
                .runbook = "PenstockNodeDown"}),
          stat({.title = "Not working",
                .description = "Components that are starting, restarting, failing or stopped.",
                .queries = {{or_zero("count(" + q.value(Metric::kUp) + " == 0)"), "components"}},
                .thresholds = {{1, Colour::kRed}},
                .runbook = "PenstockComponentFailing"}),
          stat({.title = "Records in",
                .description = "What all sources take in.",
                .unit = Unit::kRecordsPerSecond,
                .queries = {{sum_by("", q.rate(Metric::kSentEvents, "component_kind=\"source\"")), "in"}}}),
          stat({.title = "Oldest waiting",
                .description = "Age of the oldest record that a consumer has not handled yet.",
                .unit = Unit::kSeconds,
                .queries = {{max_by("", q.value(Metric::kLagSeconds)), "lag"}},
                .thresholds = {{thresholds::kLagSeconds / 4, Colour::kYellow}, {thresholds::kLagSeconds, Colour::kRed}},
                .runbook = "PenstockLagGrowing"}),
          stat({.title = "Event to answer, p99",
                .description = "From an event being taken in until answers reflect it: 99 of 100 are quicker.",
                .unit = Unit::kSeconds,
                .queries = {{q.quantile(0.99, Metric::kEventToServed), "p99"}},
                .thresholds = {{1, Colour::kYellow}, {thresholds::kFreshSeconds, Colour::kRed}},
                .runbook = "PenstockFreshnessBreach",
                .empty = "no events of late"}),
          stat({.title = "Dead letters, last hour",
                .description = "Records that were set aside.",
                .queries = {{or_zero(times(sum_by("", q.over("1h").increase(Metric::kDiscardedEvents)))), "letters"}},
                .thresholds = {{1, Colour::kYellow}, {thresholds::kDeadLetters, Colour::kRed}},
                .runbook = "PenstockDeadLettersRising"}),
          stat({.title = "Requests",
                .description = "HTTP requests answered, without scrapes and probes.",
                .unit = Unit::kRequestsPerSecond,
                .queries = {{or_zero(sum_by("", q.rate(Metric::kRequests, kServed))), "requests"}}}),
          stat({.title = "Server errors",
                .description = "Share of the requests that were answered with a 5xx code.",
                .unit = Unit::kShare,
                .queries = {{or_zero(ratio(errors, sum_by("", q.rate(Metric::kRequests)))), "5xx"}},
                .thresholds = {{thresholds::kApiErrorsWarning, Colour::kYellow},
                               {thresholds::kApiErrorsCritical, Colour::kRed}},
                .runbook = "PenstockApiErrors"}),
          stat({.title = "Answer time, p99",
                .description = "99 of 100 answers are quicker, without scrapes and probes.",
                .unit = Unit::kSeconds,
                .queries = {{q.quantile(0.99, Metric::kRequestSeconds, "", kServed), "p99"}},
                .thresholds = {{thresholds::kAnswerSeconds, Colour::kYellow}, {1, Colour::kRed}},
                .runbook = "PenstockApiSlow",
                .empty = "no requests of late"}),
          stat({.title = "Oldest model",
                .description = "Age of the version that serves, of the model whose is oldest.",
                .unit = Unit::kSeconds,
                .queries = {{max_by("", q.value(Metric::kModelStaleness)), "age"}},
                .thresholds = {{thresholds::kModelSeconds, Colour::kRed}},
                .runbook = "PenstockModelTooOld",
                .empty = "no model has a version"}),
          stat({.title = "Store in use",
                .description = "Share of the store's disk budget.",
                .unit = Unit::kShare,
                .queries = {{"max(" + ratio(q.value(Metric::kStoreUsed), q.value(Metric::kStoreMap)) + ")", "used"}},
                .thresholds = {{thresholds::kBudgetWarning, Colour::kYellow},
                               {thresholds::kBudgetCritical, Colour::kRed}},
                .runbook = "PenstockStoreNearBudget"}),
          stat({.title = "Memory in use",
                .description = "Share of the memory budget that the parts of the node account for.",
                .unit = Unit::kShare,
                .queries = {{"max(" + ratio(q.value(Metric::kMemoryUsed), q.value(Metric::kMemoryBudget)) + ")",
                             "used"}},
                .thresholds = {{0.75, Colour::kYellow}, {thresholds::kMemoryShare, Colour::kRed}},
                .runbook = "PenstockMemoryNearBudget",
                .empty = "no memory budget"}),
      }};
}

PanelRow course() {
  const PromQl& q = chosen();
  return {"Course",
          {
              {.title = "Records in and out",
               .description = "What sources take in and sinks deliver, each by name.",
               .unit = Unit::kRecordsPerSecond,
               .queries = {{sum_by("component_id", q.rate(Metric::kSentEvents, "component_kind=\"source\"")),
                            "in: {{component_id}}"},
                           {sum_by("component_id", q.rate(Metric::kSentEvents, "component_kind=\"sink\"")),
                            "out: {{component_id}}"}}},
              {.title = "Requests by code",
               .description = "HTTP answers by status code, without scrapes and probes.",
               .unit = Unit::kRequestsPerSecond,
               .queries = {{sum_by("code", q.rate(Metric::kRequests, kServed)), "{{code}}"}},
               .stacked = true,
               .runbook = "PenstockApiErrors",
               .empty = "no requests"},
              {.title = "Event to answer",
               .description = "From an event being taken in until answers reflect it, over all views and models.",
               .unit = Unit::kSeconds,
               .queries = {{q.quantile(0.5, Metric::kEventToServed), "p50"},
                           {q.quantile(0.99, Metric::kEventToServed), "p99"}},
               .thresholds = {{thresholds::kFreshSeconds, Colour::kRed}},
               .runbook = "PenstockFreshnessBreach",
               .empty = "no events"},
              {.title = "Oldest record waiting, by consumer",
               .description =
                   "Regions and sinks read logs at positions of their own. A line that climbs as fast as the clock is "
                   "a consumer that stands still.",
               .unit = Unit::kSeconds,
               .queries = {{max_by("component_id, log", q.value(Metric::kLagSeconds)), "{{component_id}} of {{log}}"}},
               .thresholds = {{thresholds::kLagSeconds, Colour::kRed}},
               .runbook = "PenstockLagGrowing"},
          }};
}

PanelRow trouble() {
  const PromQl& q = chosen();
  return {
      "Trouble",
      {
          {.title = "Alerts that fire",
           .description = "As Prometheus sees them now. Each name is an entry of the runbook.",
           .kind = PanelKind::kTable,
           .queries = {{max_by("alertname, severity, component_id", q.outside("ALERTS", "alertstate=\"firing\"")),
                        "fires"}},
           .width = 12,
           .labels = {"alertname", "severity", "component_id"},
           .empty = "none fires"},
          {.title = "Errors and dead letters",
           .description = "Errors by component and kind, and records that were set aside by component and reason.",
           .unit = Unit::kPerSecond,
           .queries =
               {{sum_by("component_id, error_type", q.rate(Metric::kErrors)), "{{component_id}}: {{error_type}}"},
                {sum_by("component_id, reason", q.rate(Metric::kDiscardedEvents)), "{{component_id}}: {{reason}}"}},
           .runbook = "PenstockPipelineErrors",
           .empty = "none so far"},
          {.title = "Nodes",
           .description = "What runs where.",
           .kind = PanelKind::kTable,
           .queries = {{"time() - " + max_by("instance", q.value(Metric::kStarted)), "up for", Unit::kSeconds},
                       {max_by("instance", q.value(Metric::kReady)), "ready"},
                       {max_by("instance", q.value(Metric::kHealthy)), "healthy"},
                       {sum_by("instance", "rate(" + q.outside("process_cpu_seconds_total") + "[$__rate_interval])"),
                        "cores"},
                       {sum_by("instance", q.outside("process_resident_memory_bytes")), "memory", Unit::kBytes},
                       {sum_by("instance", q.value(Metric::kStoreUsed)), "store", Unit::kBytes}},
           .width = 16,
           .height = 6,
           .labels = {"instance"},
           .runbook = "PenstockNodeDown"},
          {.title = "Version",
           .description = "Which build of Penstock runs.",
           .kind = PanelKind::kTable,
           .queries = {{"count by (version) (" + q.value(Metric::kBuildInfo) + ")", "nodes"}},
           .width = 8,
           .height = 6,
           .labels = {"version"}},
      }};
}

}  // namespace

Dashboard overview_dashboard() {
  return {.uid = "penstock-overview",
          .title = "Penstock: overview",
          .question = "Is all well, and if not, where?",
          .variables = {},
          .rows = {now(), course(), trouble()}};
}

}  // namespace penstock::monitoring
