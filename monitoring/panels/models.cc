#include "monitoring/panels/dashboards.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {
namespace {

constexpr const char* kModel = "component_id=~\"$model\"";
constexpr const char* kMetric = "component_id=~\"$model\",metric=~\"$metric\"";

PanelRow versions() {
  const PromQl& q = chosen();
  const auto largest = [&](Metric metric) { return max_by("component_id", q.value(metric, kModel)); };
  const std::string by_version =
      " * on (component_id) group_right () " + max_by("component_id, version", q.value(Metric::kModelVersion, kModel));
  return {
      "Versions and trainings",
      {
          {.title = "Models",
           .description =
               "The version of each model that serves, how old it is, and how often it is to be trained anew.",
           .kind = PanelKind::kTable,
           .unit = Unit::kSeconds,
           .queries = {{largest(Metric::kModelStaleness) + by_version, "age"},
                       {largest(Metric::kModelTrainEvery) + by_version, "trained every"}},
           .width = 12,
           .height = 6,
           .labels = {"component_id", "version"},
           .runbook = "PenstockModelTooOld"},
          {.title = "Last training's data",
           .description = "How much each model learnt from, and how long it took.",
           .kind = PanelKind::kTable,
           .queries = {{largest(Metric::kModelUsers), "users"},
                       {largest(Metric::kModelItems), "items"},
                       {largest(Metric::kModelInteractions), "interactions"},
                       {largest(Metric::kModelTrainingSeconds), "took", Unit::kSeconds}},
           .width = 12,
           .height = 6,
           .labels = {"component_id"}},
          {.title = "Age",
           .description = "Age of the version that serves. It falls to nothing when a new one goes live.",
           .unit = Unit::kSeconds,
           .queries = {{largest(Metric::kModelStaleness), "{{component_id}}"}},
           .width = 8,
           .thresholds = {{thresholds::kModelSeconds, Colour::kRed}},
           .runbook = "PenstockModelTooOld"},
          {.title = "Trainings and transitions",
           .description =
               "Trainings by result, and the states that versions reached, within the time that a point stands for.",
           .queries = {{times(sum_by("component_id, result", q.increase(Metric::kModelTrainings, kModel))),
                        "{{component_id}}: training {{result}}"},
                       {times(sum_by("component_id, state", q.increase(Metric::kModelTransitions, kModel))),
                        "{{component_id}}: {{state}}"}},
           .width = 8,
           .runbook = "PenstockTrainingFailed"},
          {.title = "Training under way",
           .description = "How far it is.",
           .unit = Unit::kShare,
           .queries = {{largest(Metric::kTrainingProgress) + " >= 0", "{{component_id}}"}},
           .width = 4,
           .maximum = 1,
           .empty = "no training"},
          {.title = "It still takes",
           .description = "How long the training under way will still take, an estimate.",
           .kind = PanelKind::kStat,
           .unit = Unit::kSeconds,
           .queries = {{largest(Metric::kTrainingEta) + " >= 0", "{{component_id}}"}},
           .width = 4,
           .empty = "no training"},
          {.title = "Stored versions",
           .description = "How many versions of each model are kept, by state. Many rejected ones: new versions no "
                          "longer pass the gate.",
           .queries = {{sum_by("component_id, state", q.value(Metric::kModelVersions, kModel)) + " > 0",
                        "{{component_id}}: {{state}}"}},
           .width = 6,
           .stacked = true,
           .runbook = "PenstockVersionsRejected"},
          {.title = "Canary",
           .description = "Share of the users whom a version beside the live one answers.",
           .unit = Unit::kShare,
           .queries = {{largest(Metric::kModelCanaryShare), "{{component_id}}"}},
           .width = 6,
           .maximum = 1,
           .runbook = "PenstockVersionsRejected",
           .empty = "no version on trial so far"},
          {.title = "Share of the items looked at",
           .description = "By a search for the best. 100 %: all of them.",
           .unit = Unit::kShare,
           .queries = {{max_by("component_id, method", q.value(Metric::kModelScannedShare, kModel)),
                        "{{component_id}}: {{method}}"}},
           .width = 6,
           .maximum = 1},
          {.title = "Share of the best items found",
           .description = "Measured against the exact answer. Below 100 % only with an index that is not exact.",
           .unit = Unit::kShare,
           .queries = {{max_by("component_id, method", q.value(Metric::kModelRecall, kModel)),
                        "{{component_id}}: {{method}}"}},
           .width = 6,
           .maximum = 1},
      }};
}

PanelRow quality() {
  const PromQl& q = chosen();
  const auto by_model = [](const std::string& expression) { return max_by("component_id", expression); };
  return {
      "Quality: $metric",
      {
          {.title = "On the hold-out",
           .description =
               "Of the version that was trained last, of the one that serves, and of the one before it, to which a "
               "rollback leads.",
           .queries = {{by_model(q.value(Metric::kModelMetric, kMetric)), "{{component_id}} trained last"},
                       {by_model(q.value(Metric::kModelLiveMetric, kMetric)), "{{component_id}} serves"},
                       {by_model(q.value(Metric::kModelBeforeMetric, kMetric)), "{{component_id}} before"}},
           .runbook = "PenstockModelWorseThanBefore",
           .empty = "no training has been measured by this"},
          {.title = "Beside the simplest",
           .description = "The version trained last beside most popular items and beside chance, on the same hold-out. "
                          "A model that is "
                          "not above most popular items is of no use.",
           .queries = {{by_model(q.value(Metric::kModelMetric, kMetric)), "{{component_id}}"},
                       {by_model(
                            q.value(Metric::kModelMetric, "component_id=~\"$model\",metric=~\"most_popular.$metric\"")),
                        "{{component_id}}: most popular"},
                       {by_model(q.value(Metric::kModelMetric, "component_id=~\"$model\",metric=~\"random.$metric\"")),
                        "{{component_id}}: chance"}},
           .runbook = "PenstockModelWorseThanPopular",
           .empty = "no training has been measured by this"},
          {.title = "On the live stream, by version",
           .description = "Prequential: each event is foretold before it is learnt. A fall while versions stay the "
                          "same is a change "
                          "of the world, or of the data.",
           .queries = {{max_by("component_id, version",
                               q.value(Metric::kPrequential, std::string(kMetric) + ",segment=\"all\"")),
                        "{{component_id}} v{{version}}"}},
           .runbook = "PenstockModelQualityDropped",
           .empty = "no live events of late"},
          {.title = "On the live stream, by segment",
           .description = "Warm and cold users, head and tail items.",
           .queries = {{max_by("component_id, segment",
                               q.value(Metric::kPrequential, std::string(kMetric) + ",segment!=\"all\"")),
                        "{{component_id}}: {{segment}}"}},
           .runbook = "PenstockModelQualityDropped",
           .empty = "no live events of late"},
          {.title = "Every measure of the version that serves",
           .description = "On its hold-out.",
           .kind = PanelKind::kTable,
           .queries = {{max_by("component_id, metric", q.value(Metric::kModelLiveMetric, kModel)), "serves"}},
           .width = 8,
           .height = 10,
           .labels = {"component_id", "metric"}},
          {.title = "Drift: stability index",
           .description = "Distance of columns, and of the model's scores, from what the version was trained on. Below "
                          "0.1 little, "
                          "above 0.25 much.",
           .queries = {{max_by("component_id, column",
                               q.value(Metric::kDrift, std::string(kModel) + ",measure=\"psi\"")),
                        "{{component_id}}: {{column}}"}},
           .width = 8,
           .height = 10,
           .thresholds = {{0.1, Colour::kYellow}, {thresholds::kDriftPsi, Colour::kRed}},
           .runbook = "PenstockDrift",
           .empty = "not enough live events yet"},
          {.title = "Drift: Jensen-Shannon distance",
           .description = "The same by another measure: 0, the same distribution; 1, nothing in common.",
           .queries = {{max_by("component_id, column",
                               q.value(Metric::kDrift, std::string(kModel) + ",measure=\"jensen_shannon\"")),
                        "{{component_id}}: {{column}}"}},
           .width = 8,
           .height = 10,
           .runbook = "PenstockDrift",
           .empty = "not enough live events yet"},
      }};
}

PanelRow experiments() {
  const PromQl& q = chosen();
  const char* by = "component_id, variant, metric";
  return {
      "Experiments",
      {
          {.title = "Variants",
           .description =
               "What each variant reached, with the ends of its 95 % confidence interval. Where the interval of an "
               "uplift_ does not hold 0, the difference is no chance.",
           .kind = PanelKind::kTable,
           .queries = {{max_by(by, q.value(Metric::kExperimentMetric)), "value"},
                       {max_by(by, q.value(Metric::kExperimentLow)), "low"},
                       {max_by(by, q.value(Metric::kExperimentHigh)), "high"}},
           .height = 10,
           .labels = {"component_id", "variant", "metric"},
           .empty = "no experiment has results"},
          {.title = "Uplift",
           .description =
               "How much more a variant's users do than those of the first one, relatively, with its interval.",
           .unit = Unit::kShare,
           .queries = {{max_by(by, q.value(Metric::kExperimentMetric, "metric=~\"uplift_.*\"")),
                        "{{component_id}} {{variant}}: {{metric}}"}},
           .width = 6,
           .height = 10,
           .empty = "no experiment has results"},
          {.title = "Items shown",
           .description = "Impressions that the node noted, by variant; none: outside experiments.",
           .unit = Unit::kPerSecond,
           .queries = {{sum_by("component_id, variant", q.rate(Metric::kImpressions)), "{{component_id}} {{variant}}"}},
           .width = 6,
           .height = 10,
           .stacked = true,
           .empty = "no source of impressions"},
      }};
}

}  // namespace

Dashboard models_dashboard() {
  return {.uid = "penstock-models",
          .title = "Penstock: models",
          .question = "How good are the models, how old, and has the world moved away from them?",
          .variables = {{"model", "Model", info(Metric::kModelVersion).name, "component_id"},
                        {"metric", "Measure", info(Metric::kPrequential).name, "metric", "ndcg_10"}},
          .rows = {versions(), quality(), experiments()}};
}

}  // namespace penstock::monitoring
