#include "monitoring/rules/expressions.h"
#include "monitoring/rules/rules.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {
namespace {

std::string rejected_share() {
  const PromQl recent("", "5m");
  return ratio(sum_by(kByComponent, recent.rate(Metric::kDiscardedEvents)),
               sum_by(kByComponent, recent.rate(Metric::kReceivedEvents)));
}

// More than a few, and more than what the last day lets expect: a stream in which one record in a hundred is always
// broken is no news.
std::string letters_rising() {
  using namespace thresholds;
  const std::string now = sum_by(kByComponent, grown(Metric::kDiscardedEvents, 15));
  const std::string usual =
      number(900.0 * kDeadLettersTimes) + " * " + sum_by(kByComponent, PromQl("", "1d").rate(Metric::kDiscardedEvents));
  return at_least(now, kDeadLetters) + " unless " + now + " <= " + usual;
}

std::string idle_while_behind() {
  const PromQl steady("", "10m");
  const std::string by = "topology, instance, component_id";
  const std::string idle =
      ratio(sum_by(by, steady.rate(Metric::kTimeSeconds, "component_kind=\"region\",state=\"idle\"")),
            sum_by(by, steady.rate(Metric::kTimeSeconds, "component_kind=\"region\"")));
  const std::string lag = value(Metric::kLagEvents, "component_kind=\"region\"");
  return above(idle, thresholds::kIdleShare) + " and on (topology, instance, component_id) (" +
         above(sum_by(by, "deriv(" + lag + "[10m])"), 0) + " and " +
         above(max_by(by, value(Metric::kLagSeconds, "component_kind=\"region\"")), thresholds::kLagSeconds) + ")";
}

}  // namespace

RuleGroup dataflow_rules() {
  using namespace thresholds;
  const PromQl steady("", "10m"), slow("", "15m");
  const std::string lag = value(Metric::kLagEvents);
  const std::string source = "component_kind=\"source\"";
  RuleGroup group{"dataflow", "What runs through the regions.", {}, {}};
  group.alerts = {
      {"PenstockPipelineErrors", above(rejected_share(), kPipelineErrorsWarning), "5m", Severity::kWarning,
       "{{ $labels.component_id }} of {{ $labels.instance }} sets {{ $value | humanizePercentage }} of its records "
       "aside",
       "They did not decode, validate or evaluate, and are dead letters with the reason. The rest goes on."},
      {"PenstockPipelineFailing", above(rejected_share(), kPipelineErrorsCritical), "5m", Severity::kCritical,
       "{{ $labels.component_id }} of {{ $labels.instance }} sets {{ $value | humanizePercentage }} of its records "
       "aside",
       "Usually whoever sends them has changed their form. They are dead letters and can be replayed."},
      {"PenstockDeadLettersRising", letters_rising(), "0s", Severity::kWarning,
       "{{ $labels.component_id }} of {{ $labels.instance }}: {{ $value | printf \"%.0f\" }} dead letters in 15 "
       "minutes",
       "More than twice what the last day lets expect."},
      {"PenstockDeadLettersForgotten", above(value(Metric::kLettersOldest), kLetterSeconds), "0s", Severity::kWarning,
       "Dead letters of {{ $labels.instance }} have waited for {{ $value | humanizeDuration }}",
       "Nobody has replayed or purged the oldest of them."},
      {"PenstockRecordIsolated", above(grown(Metric::kIsolatedEvents, 60), 0), "0s", Severity::kWarning,
       "{{ $labels.component_id }} of {{ $labels.instance }} set {{ $value | printf \"%.0f\" }} poisonous records "
       "aside",
       "They made it fail again and again, were found by halving what failed, and are dead letters now. The rest went "
       "on."},
      {"PenstockRecordsLost", above(grown(Metric::kLostEvents, 60), 0), "0s", Severity::kCritical,
       "{{ $labels.component_id }} of {{ $labels.instance }} lost {{ $value | printf \"%.0f\" }} records of "
       "{{ $labels.log }}",
       "Retention dropped them before this consumer had read them: it was away or too slow for longer than the log "
       "keeps "
       "its records."},
      {"PenstockSinkRetrying", above(grown(Metric::kDeliveryRetries, 5), 0), "5m", Severity::kWarning,
       "{{ $labels.component_id }} of {{ $labels.instance }} cannot deliver",
       "Its receiver has refused or not answered for 5 minutes. It tries on; what waits is kept in its log."},
      {"PenstockOutsideUnreachable", value(Metric::kState, source + ",state=\"retrying\"") + " == 1", "5m",
       Severity::kWarning, "{{ $labels.component_id }} of {{ $labels.instance }} cannot reach what it reads from",
       "The broker, database or folder has not been there for 5 minutes. The source tries on, with growing pauses."},
      {"PenstockInputSilent",
       slow.rate(Metric::kReceivedEvents, source) + " == 0 and " +
           above("rate(" + value(Metric::kReceivedEvents, source) + "[1h] offset 15m)", 0),
       "15m", Severity::kWarning, "Nothing comes into {{ $labels.component_id }} of {{ $labels.instance }}",
       "It has taken in no record for 15 minutes, and did in the hour before."},
      {"PenstockLagGrowing",
       above(value(Metric::kLagSeconds), kLagSeconds) + " and " + above("deriv(" + lag + "[10m])", 0), "10m",
       Severity::kWarning,
       "{{ $labels.component_id }} of {{ $labels.instance }} is {{ $value | humanizeDuration }} behind "
       "{{ $labels.log }}, and falls back further",
       "Records come faster than it handles them."},
      {"PenstockCommitsStopped",
       above(value(Metric::kLagEvents, "component_kind=\"region\""), 0) +
           " unless on (topology, instance, component_id) (" + value(Metric::kEpochLastCommit) + " > time() - " +
           number(kCommitSilence) + ")",
       "2m", Severity::kCritical,
       "{{ $labels.component_id }} of {{ $labels.instance }} commits nothing, and {{ $value | printf \"%.0f\" }} "
       "records "
       "wait",
       "No epoch of this region has become durable for more than 2 minutes: it fails, hangs, or the store takes "
       "nothing."},
      {"PenstockWorkersIdle", idle_while_behind(), "10m", Severity::kWarning,
       "{{ $labels.component_id }} of {{ $labels.instance }} idles {{ $value | humanizePercentage }} of the time while "
       "its lag grows",
       "Something else holds it back: a slow disk, a limit on what may be in flight, memory at its budget, the "
       "machine."},
      {"PenstockWatermarkStalled",
       "changes(" + value(Metric::kWatermark) + "[10m]) == 0 and on (topology, instance, component_id) " +
           above(sum_by("topology, instance, component_id", steady.rate(Metric::kReceivedEvents)), 0),
       "5m", Severity::kWarning, "Event time stands still in {{ $labels.component_id }} of {{ $labels.instance }}",
       "Records come, but the watermark has not moved for 10 minutes, so windows do not close: one partition is behind "
       "or "
       "sends old times."},
  };
  return group;
}

}  // namespace penstock::monitoring
