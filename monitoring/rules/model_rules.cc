#include "monitoring/rules/expressions.h"
#include "monitoring/rules/rules.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {
namespace {

constexpr const char* kLiveQuality = "penstock:live_quality";

// Of the version that serves; of online models, which have no versions, as it is. Without the version among its labels, so
// that the past of the version before is the past of this series.
std::string live_quality() {
  const std::string measured = value(Metric::kPrequential, "segment=\"all\",metric=~\"hr_10|ndcg_10|auc\"");
  const std::string serving = value(Metric::kModelVersion);
  return "max without (version, segment) (" + measured + " and on (topology, instance, component_id, version) (" +
         serving + " == 1) or " + measured + " unless on (topology, instance, component_id) " + serving + ")";
}

std::string past(const char* labels) {
  const std::string series = std::string(kLiveQuality) + "{" + labels + "}";
  return "avg_over_time(" + series + "[1d] offset 1h)";
}

std::string now(const char* labels) { return "avg_over_time(" + std::string(kLiveQuality) + "{" + labels + "}[30m])"; }

// Beside its own past on the stream, and beside the version before on the hold-out.
std::string quality_dropped() {
  using namespace thresholds;
  constexpr const char* kRanked = "metric=~\"hr_10|ndcg_10\"";
  constexpr const char* kAuc = "metric=\"auc\"";
  const std::string kept = number(1 - kQualityDrop);
  return now(kRanked) + " < " + kept + " * " + past(kRanked) + " or " + now(kAuc) + " < " + past(kAuc) + " - " +
         number(kAucDrop);
}

// Twice train_every, where that is declared and there is something new to learn from; else a fixed age.
std::string too_old() {
  const std::string on = " on (topology, instance, component_id) ";
  const std::string age = value(Metric::kModelStaleness), every = value(Metric::kModelTrainEvery);
  const std::string learning =
      sum_by("topology, instance, component_id", PromQl("", "1h").rate(Metric::kReceivedEvents));
  return above(age, thresholds::kModelSeconds) + " unless" + on + every + " or " + age + " and" + on + "(" + age +
         " >" + on + number(thresholds::kTrainEveryTimes) + " * " + every + ") and" + on + above(learning, 0);
}

}  // namespace

RuleGroup model_rules() {
  using namespace thresholds;
  const std::string kept = number(1 - kQualityDrop);
  const std::string ndcg = "metric=\"ndcg_10\"";
  RuleGroup group{"models", "How old and how good what answers is.", {{kLiveQuality, live_quality()}}, {}};
  group.alerts = {
      {"PenstockModelTooOld", too_old(), "10m", Severity::kWarning,
       "The version of {{ $labels.component_id }} that serves was trained {{ $value | humanizeDuration }} ago",
       "More than a week, or twice its train_every. Users' events count at once all the same, but items' places among "
       "tastes are those of then."},
      {"PenstockTrainingFailed",
       above(grown(Metric::kModelTrainings, 60, "result=\"failed\""), 0) +
           " unless on (topology, instance, "
           "component_id) " +
           above(grown(Metric::kModelTrainings, 15, "result=\"ok\""), 0),
       "0s", Severity::kWarning, "A training of {{ $labels.component_id }} of {{ $labels.instance }} failed",
       "{{ $value | printf \"%.0f\" }} within the last hour. The version before goes on serving."},
      {"PenstockVersionsRejected",
       at_least(grown(Metric::kModelTransitions, 1440, "state=\"rejected\""), kRejectedVersions) +
           " unless on (topology, instance, component_id) " +
           above(grown(Metric::kModelTransitions, 1440, "state=\"live\""), 0),
       "0s", Severity::kWarning, "New versions of {{ $labels.component_id }} of {{ $labels.instance }} are rejected",
       "{{ $value | printf \"%.0f\" }} within a day, and none went live: each was worse than the one that serves, or "
       "failed "
       "its trial."},
      {"PenstockModelQualityDropped", quality_dropped(), "30m", Severity::kCritical,
       "{{ $labels.metric }} of {{ $labels.component_id }} of {{ $labels.instance }} fell to {{ $value | printf "
       "\"%.3f\" }}",
       "Quality on the live stream over half an hour, against the mean of the day before. What users do is not what "
       "the model foretells any more."},
      {"PenstockModelWorseThanBefore",
       value(Metric::kModelLiveMetric, ndcg) + " < " + kept + " * " + value(Metric::kModelBeforeMetric, ndcg), "0s",
       Severity::kWarning,
       "The version of {{ $labels.component_id }} that serves has an NDCG@10 of {{ $value | printf \"%.3f\" }}, much "
       "less "
       "than the one before",
       "On the hold-out of each. A rollback leads to the one before."},
      {"PenstockModelWorseThanPopular",
       value(Metric::kModelMetric, "metric=\"ndcg_10\",component_type!=\"popularity\"") + " < ignoring (metric) " +
           value(Metric::kModelMetric, "metric=\"most_popular.ndcg_10\",component_type!=\"popularity\""),
       "0s", Severity::kWarning,
       "{{ $labels.component_id }} of {{ $labels.instance }} is worse than recommending what is most popular",
       "NDCG@10 of the version trained last, {{ $value | printf \"%.3f\" }}, on its hold-out. It has too little to "
       "learn "
       "from, or its parameters do not suit the data."},
      {"PenstockDrift", above(value(Metric::kDrift, "measure=\"psi\""), kDriftPsi), "30m", Severity::kWarning,
       "{{ $labels.column }} is not what {{ $labels.component_id }} of {{ $labels.instance }} was trained on",
       "Population stability index {{ $value | printf \"%.2f\" }}: below 0.1 is little, above 0.25 much."},
  };
  return group;
}

}  // namespace penstock::monitoring
