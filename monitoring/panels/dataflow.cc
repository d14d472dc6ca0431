#include "monitoring/panels/dashboards.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {
namespace {

constexpr const char* kSteps = "component_kind=~\"source|stage|aggregator|sink\",component_id=~\"$component\"";
constexpr const char* kReaders = "component_kind=~\"region|source|sink\",component_id=~\"$component\"";
constexpr const char* kWorking = "component_kind!=\"service\",component_id=~\"$component\"";
constexpr const char* kChosen = "component_id=~\"$component\"";
constexpr const char* kByStep = "component_id, component_kind";

PanelRow bottleneck() {
  return {
      "The bottleneck",
      {
          {.title = "Bottleneck",
           .description =
               "The component that is busy for most of its time, from half of it on. If something before it is held "
               "back or lags, this is why.",
           .kind = PanelKind::kStat,
           .unit = Unit::kShare,
           .queries = {{"topk(1, " + time_share("busy", kSteps) + " >= 0.5)", "{{component_id}}"}},
           .width = 6,
           .thresholds = {{0.5, Colour::kYellow}, {0.8, Colour::kOrange}},
           .maximum = 1,
           .runbook = "PenstockLagGrowing",
           .empty = "none: nothing is busy for half its time"},
          {.title = "Busy",
           .description = "Share of its time that a component works. With several workers: of all their time.",
           .kind = PanelKind::kBarGauge,
           .unit = Unit::kShare,
           .queries = {{"sort_desc(" + time_share("busy", kSteps) + ")", "{{component_id}}"}},
           .width = 9,
           .thresholds = {{0.5, Colour::kYellow}, {0.8, Colour::kOrange}},
           .maximum = 1},
          {.title = "Held back",
           .description =
               "Share of its time that a component could not pass on what it had, because what is behind it had no "
               "room. The bottleneck is the first busy component below a held back one.",
           .kind = PanelKind::kBarGauge,
           .unit = Unit::kShare,
           .queries = {{"sort_desc(" + time_share("blocked", kReaders) + ")", "{{component_id}} ({{component_kind}})"}},
           .width = 9,
           .thresholds = {{0.05, Colour::kYellow}, {0.5, Colour::kOrange}},
           .maximum = 1},
          {.title = "Busy, in the course of time",
           .description = "The same share. A component that stays near 100 % needs more workers, or less to do.",
           .unit = Unit::kShare,
           .queries = {{time_share("busy", kSteps), "{{component_id}}"}},
           .maximum = 1},
          {.title = "Held back, in the course of time",
           .description = "Readers of regions, sources and sinks that wait for room behind them.",
           .unit = Unit::kShare,
           .queries = {{time_share("blocked", kReaders), "{{component_id}} ({{component_kind}})"}},
           .maximum = 1},
      }};
}

PanelRow steps() {
  const PromQl& q = chosen();
  return {
      "Steps",
      {
          {.title = "Every component",
           .description =
               "One line each: what goes in and out, where its time goes, how long a batch takes, how much it holds.",
           .kind = PanelKind::kTable,
           .unit = Unit::kRecordsPerSecond,
           .queries = {{sum_by(kByStep, q.rate(Metric::kReceivedEvents, kSteps)), "in"},
                       {sum_by(kByStep, q.rate(Metric::kSentEvents, kSteps)), "out"},
                       {time_share("busy", kSteps), "busy", Unit::kShare},
                       {time_share("blocked", kSteps), "held back", Unit::kShare},
                       {q.quantile(0.99, Metric::kProcessingSeconds, kByStep, kSteps), "batch p99", Unit::kSeconds},
                       {sum_by(kByStep, q.value(Metric::kStateKeys, kSteps)), "keys", Unit::kNumber},
                       {sum_by(kByStep, q.value(Metric::kStateBytes, kSteps)), "state", Unit::kBytes}},
           .width = 24,
           .height = 14,
           .labels = {"component_id", "component_kind"},
           .sorted_by = "busy"},
          {.title = "Records in",
           .description = "What comes into each component.",
           .unit = Unit::kRecordsPerSecond,
           .queries = {{sum_by("component_id", q.rate(Metric::kReceivedEvents, kSteps)), "{{component_id}}"}}},
          {.title = "Records out",
           .description = "What each component passes on: less than comes in where it filters, aggregates or rejects.",
           .unit = Unit::kRecordsPerSecond,
           .queries = {{sum_by("component_id", q.rate(Metric::kSentEvents, kSteps)), "{{component_id}}"}}},
          {.title = "Bytes in",
           .description = "The same as bytes in memory, which is what limits count.",
           .unit = Unit::kBytesPerSecond,
           .queries = {{sum_by("component_id", q.rate(Metric::kReceivedBytes, kSteps)), "{{component_id}}"}}},
          {.title = "Bytes out",
           .description = "Bytes that each component passes on.",
           .unit = Unit::kBytesPerSecond,
           .queries = {{sum_by("component_id", q.rate(Metric::kSentBytes, kSteps)), "{{component_id}}"}}},
          {.title = "Time to handle a batch, p99",
           .description =
               "99 of 100 batches take less. A component that slows down while its batches stay the same waits for "
               "something: memory, a disk, another service.",
           .unit = Unit::kSeconds,
           .queries = {{q.quantile(0.99, Metric::kProcessingSeconds, "component_id", kSteps), "{{component_id}}"}},
           .empty = "no batches of late"},
          {.title = "Set aside",
           .description = "Records that became dead letters, by reason.",
           .unit = Unit::kRecordsPerSecond,
           .queries = {{sum_by("component_id, reason", q.rate(Metric::kDiscardedEvents, kChosen)),
                        "{{component_id}}: {{reason}}"}},
           .runbook = "PenstockDeadLettersRising",
           .empty = "none so far"},
      }};
}

PanelRow queues() {
  const PromQl& q = chosen();
  return {
      "Queues, lag and event time",
      {
          {.title = "Records waiting",
           .description = "Records of a log that a consumer has not handled yet.",
           .queries = {{sum_by("component_id, log", q.value(Metric::kLagEvents, kChosen)),
                        "{{component_id}} of {{log}}"}},
           .runbook = "PenstockLagGrowing"},
          {.title = "Oldest record waiting",
           .description = "How long the oldest of them has been waiting.",
           .unit = Unit::kSeconds,
           .queries = {{max_by("component_id, log", q.value(Metric::kLagSeconds, kChosen)),
                        "{{component_id}} of {{log}}"}},
           .thresholds = {{thresholds::kLagSeconds, Colour::kRed}},
           .runbook = "PenstockLagGrowing"},
          {.title = "Bytes in flight",
           .description =
               "Of a region: bytes of its epochs that are not committed yet. At their bound, the reader is held back.",
           .unit = Unit::kBytes,
           .queries = {{sum_by(kByStep, q.value(Metric::kQueueBytes, kWorking)),
                        "{{component_id}} ({{component_kind}})"}},
           .stacked = true},
          {.title = "Batches in flight",
           .description = "Batches before a component; of a region: its epochs that are not committed yet.",
           .queries = {{sum_by(kByStep, q.value(Metric::kQueueBatches, kWorking)),
                        "{{component_id}} ({{component_kind}})"}},
           .stacked = true},
          {.title = "Watermark behind the clock",
           .description = "How far event time is behind the clock. It grows with the clock where no more events come, "
                          "or where one "
                          "partition holds the others back; windows do not close then.",
           .unit = Unit::kSeconds,
           .queries = {{max_by("component_id", q.value(Metric::kWatermarkLag, kChosen)), "{{component_id}}"}},
           .runbook = "PenstockWatermarkStalled",
           .empty = "no component goes by event time"},
          {.title = "State",
           .description = "Memory that the state of aggregators takes, an estimate.",
           .unit = Unit::kBytes,
           .queries = {{sum_by("component_id", q.value(Metric::kStateBytes, kChosen)), "{{component_id}}"}},
           .stacked = true,
           .runbook = "PenstockMemoryNearBudget"},
      }};
}

PanelRow epochs() {
  const PromQl& q = chosen();
  return {
      "Epochs",
      {
          {.title = "Epochs committed",
           .description = "Epochs of each region that became durable.",
           .unit = Unit::kPerSecond,
           .queries = {{sum_by("component_id", q.rate(Metric::kEpochs, kChosen)), "{{component_id}}"}},
           .width = 6},
          {.title = "Records an epoch",
           .description = "Epochs grow with the load: the more records share a commit, the more go through.",
           .queries = {{ratio(sum_by("component_id", q.rate(Metric::kEpochEvents, kChosen)),
                              sum_by("component_id", q.rate(Metric::kEpochs, kChosen))),
                        "{{component_id}}"}},
           .width = 6,
           .empty = "no epochs of late"},
          {.title = "Duration of an epoch, p99",
           .description = "From an epoch's beginning until it is durable; 99 of 100 are quicker.",
           .unit = Unit::kSeconds,
           .queries = {{q.quantile(0.99, Metric::kEpochSeconds, "component_id", kChosen), "{{component_id}}"}},
           .width = 6,
           .empty = "no epochs of late"},
          {.title = "Since the last commit",
           .description = "Time since a region's last epoch became durable. It grows where nothing comes in, too: look "
                          "at what waits.",
           .unit = Unit::kSeconds,
           .queries = {{"clamp_min(time() - " + max_by("component_id", q.value(Metric::kEpochLastCommit, kChosen)) +
                            ", 0)",
                        "{{component_id}}"}},
           .width = 6,
           .runbook = "PenstockCommitsStopped"},
      }};
}

}  // namespace

Dashboard dataflow_dashboard() {
  return {.uid = "penstock-dataflow",
          .title = "Penstock: dataflow",
          .question = "What goes through each component, and which one holds the others back?",
          .variables = {{"component", "Component", info(Metric::kReceivedEvents).name, "component_id"}},
          .rows = {bottleneck(), steps(), queues(), epochs()}};
}

}  // namespace penstock::monitoring
