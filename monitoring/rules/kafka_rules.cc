#include "monitoring/rules/expressions.h"
#include "monitoring/rules/rules.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {

RuleGroup kafka_rules() {
  using namespace thresholds;
  const std::string by_topic = std::string(kByTopologyComponent) + ", topic";
  const std::string lag = value(Metric::kKafkaLag);
  RuleGroup group{
      "kafka", "What comes from Kafka and goes there. Lags are over all nodes of a consumer group.", {}, {}};
  group.alerts = {
      {"PenstockKafkaLagGrowing",
       above(sum_by(by_topic, lag), kKafkaLag) + " and " + above(sum_by(by_topic, "deriv(" + lag + "[10m])"), 0), "10m",
       Severity::kWarning,
       "{{ $labels.component_id }} is {{ $value | humanize }} records behind the topic {{ $labels.topic }}, and falls "
       "back further",
       "Producers are faster than the nodes of the group take records in."},
      {"PenstockKafkaBehind", above(max_by(by_topic, value(Metric::kKafkaLagSeconds)), kKafkaSeconds), "10m",
       Severity::kCritical,
       "{{ $labels.component_id }} reads records of the topic {{ $labels.topic }} that are {{ $value | "
       "humanizeDuration "
       "}} old",
       "Answers do not know what has happened since. If it lasts longer than the topic keeps its records, they are "
       "lost."},
      {"PenstockKafkaErrors",
       at_least("sum by (" + std::string(kByComponent) + ", error) (" + grown(Metric::kKafkaErrors, 5) + ")",
                kKafkaErrors),
       "2m", Severity::kWarning, "{{ $labels.component_id }} of {{ $labels.instance }}: Kafka says {{ $labels.error }}",
       "{{ $value | printf \"%.0f\" }} times within 5 minutes. The log line has the broker and the whole message."},
      {"PenstockKafkaRebalances", above(sum_by(kByComponent, grown(Metric::kKafkaRebalances, 15)), kKafkaRebalances),
       "0s", Severity::kWarning,
       "The consumer group of {{ $labels.component_id }} moved partitions {{ $value | printf \"%.0f\" }} times in 15 "
       "minutes",
       "Nodes join and leave again and again, or do not answer the broker in time. Nothing is lost or doubled, but "
       "each "
       "move costs time."},
      {"PenstockKafkaNothingAssigned", sum_by(kByTopologyComponent, value(Metric::kKafkaPartitions)) + " == 0", "10m",
       Severity::kWarning, "No node reads the topic of {{ $labels.component_id }}",
       "The consumer group has assigned no partition to any node of this topology: other consumers of the same group "
       "hold "
       "them all."},
  };
  return group;
}

}  // namespace penstock::monitoring
