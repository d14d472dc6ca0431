#include "monitoring/panels/dashboards.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {
namespace {

constexpr const char* kSource = "component_kind=\"source\",component_id=~\"$component\"";
constexpr const char* kSink = "component_kind=\"sink\",component_id=~\"$component\"";
constexpr const char* kChosen = "component_id=~\"$component\"";
constexpr const char* kEnds = "component_kind=~\"source|sink\",component_id=~\"$component\"";

PanelRow sources() {
  const PromQl& q = chosen();
  return {"Sources",
          {
              {.title = "Records taken in",
               .description = "What each source has put into its log.",
               .unit = Unit::kRecordsPerSecond,
               .queries = {{sum_by("component_id", q.rate(Metric::kSentEvents, kSource)), "{{component_id}}"}}},
              {.title = "Bytes taken in",
               .description = "What came from outside, as it came.",
               .unit = Unit::kBytesPerSecond,
               .queries = {{sum_by("component_id", q.rate(Metric::kReceivedBytes, kSource)), "{{component_id}}"}}},
              {.title = "Not taken in",
               .description =
                   "Records that could not be read, by reason, and duplicates of those that had been taken in before.",
               .unit = Unit::kRecordsPerSecond,
               .queries = {{sum_by("component_id, reason", q.rate(Metric::kDiscardedEvents, kSource)),
                            "{{component_id}}: {{reason}}"},
                           {sum_by("component_id", q.rate(Metric::kDuplicateEvents, kChosen)),
                            "{{component_id}}: duplicate"}},
               .width = 8,
               .runbook = "PenstockDeadLettersRising",
               .empty = "none so far"},
              {.title = "Where the time goes",
               .description = "Share of a source's time in which it waits for room in the store or in memory.",
               .unit = Unit::kShare,
               .queries = {{time_share("blocked", kSource), "{{component_id}} held back"},
                           {time_share("busy", kSource), "{{component_id}} busy"}},
               .width = 8,
               .maximum = 1},
              {.title = "Logs",
               .description = "Bytes that each log holds: what retention keeps, and what consumers have yet to read.",
               .unit = Unit::kBytes,
               .queries = {{sum_by("log", q.value(Metric::kLogBytes)), "{{log}}"}},
               .width = 8,
               .stacked = true,
               .runbook = "PenstockStoreNearBudget"},
          }};
}

PanelRow kafka() {
  const PromQl& q = chosen();
  return {
      "Kafka",
      {
          {.title = "Lag of partitions",
           .description = "Records of each partition that this node has been assigned and has not taken in yet.",
           .queries = {{sum_by("topic, partition", q.value(Metric::kKafkaLag, kChosen)), "{{topic}}/{{partition}}"}},
           .runbook = "PenstockKafkaLagGrowing",
           .empty = "no Kafka source"},
          {.title = "Lag in time",
           .description = "Age of the record taken in last, by its timestamp in Kafka, while there are more.",
           .unit = Unit::kSeconds,
           .queries = {{max_by("topic, partition", q.value(Metric::kKafkaLagSeconds, kChosen)),
                        "{{topic}}/{{partition}}"}},
           .thresholds = {{thresholds::kKafkaSeconds, Colour::kRed}},
           .runbook = "PenstockKafkaLagGrowing",
           .empty = "no Kafka source"},
          {.title = "Will have caught up in",
           .description =
               "Records that wait, over how fast they have become fewer in the last five minutes. Nothing: they do "
               "not become fewer, or none wait.",
           .kind = PanelKind::kStat,
           .unit = Unit::kSeconds,
           .queries = {{"(" + sum_by("component_id", q.value(Metric::kKafkaLag, kChosen)) + " > 0) / (" +
                            sum_by("component_id", "-deriv(" + q.value(Metric::kKafkaLag, kChosen) + "[5m])") + " > 0)",
                        "{{component_id}}"}},
           .width = 6,
           .runbook = "PenstockKafkaLagGrowing",
           .empty = "nothing to catch up"},
          {.title = "Partitions assigned",
           .description = "Partitions that the consumer group has given to each node. Their sum is that of the topic.",
           .queries = {{sum_by("component_id, instance", q.value(Metric::kKafkaPartitions, kChosen)),
                        "{{component_id}} on {{instance}}"}},
           .width = 6,
           .stacked = true,
           .empty = "no Kafka source"},
          {.title = "Rebalances",
           .description =
               "Times that partitions were assigned, revoked or lost. Some at every start and stop of a node; "
               "many without: members time out.",
           .queries = {{times(sum_by("component_id, kind", q.increase(Metric::kKafkaRebalances, kChosen))),
                        "{{component_id}}: {{kind}}"}},
           .width = 6,
           .runbook = "PenstockKafkaRebalances",
           .empty = "no Kafka source"},
          {.title = "Errors of brokers",
           .description = "What brokers, or the way to them, answered, by its name in the Kafka protocol.",
           .unit = Unit::kPerSecond,
           .queries = {{sum_by("component_id, error", q.rate(Metric::kKafkaErrors, kChosen)),
                        "{{component_id}}: {{error}}"}},
           .width = 6,
           .runbook = "PenstockKafkaErrors",
           .empty = "none so far"},
      }};
}

PanelRow sinks() {
  const PromQl& q = chosen();
  return {
      "Sinks",
      {
          {.title = "Records delivered",
           .description = "What each sink has brought outside, confirmed.",
           .unit = Unit::kRecordsPerSecond,
           .queries = {{sum_by("component_id", q.rate(Metric::kSentEvents, kSink)), "{{component_id}}"}},
           .width = 8,
           .empty = "no sinks"},
          {.title = "Records waiting for delivery",
           .description = "Records of its log that a sink has not delivered yet.",
           .queries = {{sum_by("component_id", q.value(Metric::kLagEvents, kSink)), "{{component_id}}"}},
           .width = 8,
           .runbook = "PenstockLagGrowing",
           .empty = "no sinks"},
          {.title = "Deliveries tried again",
           .description = "What the receiver could not take at present. The sink waits longer from one to the next.",
           .unit = Unit::kPerSecond,
           .queries = {{sum_by("component_id", q.rate(Metric::kDeliveryRetries, kSink)), "{{component_id}}"}},
           .width = 8,
           .runbook = "PenstockSinkRetrying",
           .empty = "none so far"},
          {.title = "Errors",
           .description = "Errors of sources and sinks, by kind.",
           .unit = Unit::kPerSecond,
           .queries = {{sum_by("component_id, error_type", q.rate(Metric::kErrors, kEnds)),
                        "{{component_id}}: {{error_type}}"}},
           .width = 8,
           .runbook = "PenstockPipelineErrors",
           .empty = "none so far"},
          {.title = "Lost",
           .description = "Records that retention had dropped from a log before a consumer read them. They are gone: "
                          "keep logs longer.",
           .queries = {{times(sum_by("component_id, log", q.increase(Metric::kLostEvents, kChosen))),
                        "{{component_id}} of {{log}}"}},
           .width = 8,
           .runbook = "PenstockRecordsLost",
           .empty = "none so far"},
          {.title = "Dead letters waiting",
           .description = "Letters that were neither replayed nor purged.",
           .queries = {{sum_by("", q.value(Metric::kLettersWaiting)), "waiting"}},
           .width = 4,
           .runbook = "PenstockDeadLettersRising"},
          {.title = "Oldest dead letter",
           .description = "Age of the oldest of them; 0: there are none.",
           .kind = PanelKind::kStat,
           .unit = Unit::kSeconds,
           .queries = {{max_by("", q.value(Metric::kLettersOldest)), "age"}},
           .width = 4,
           .runbook = "PenstockDeadLettersRising"},
      }};
}

}  // namespace

Dashboard sources_dashboard() {
  return {.uid = "penstock-sources",
          .title = "Penstock: sources, sinks and Kafka",
          .question = "Does everything come in and go out, and how far behind is it?",
          .variables = {{"component", "Source or sink", info(Metric::kUp).name, "component_id"}},
          .rows = {sources(), kafka(), sinks()}};
}

}  // namespace penstock::monitoring
