#include "monitoring/panels/dashboards.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {
namespace {

constexpr const char* kRoute = "route=~\"$route\"";
constexpr const char* kAnswers = "code=~\"2..\",route=~\"$route\"";

PanelRow requests() {
  const PromQl& q = chosen();
  const std::string all = sum_by("route", q.rate(Metric::kRequests, kRoute));
  return {
      "Requests",
      {
          {.title = "Requests by route",
           .description = "HTTP requests answered.",
           .unit = Unit::kRequestsPerSecond,
           .queries = {{all, "{{route}}"}},
           .stacked = true},
          {.title = "Requests by code",
           .description =
               "2xx: answered. 4xx: the client's mistake, or 429 and 503: told to come back later. 5xx: ours.",
           .unit = Unit::kRequestsPerSecond,
           .queries = {{sum_by("code", q.rate(Metric::kRequests, kRoute)), "{{code}}"}},
           .stacked = true,
           .runbook = "PenstockApiErrors"},
          {.title = "Errors by route and code",
           .description = "What was not answered with 2xx or 3xx.",
           .unit = Unit::kPerSecond,
           .queries = {{sum_by("route, code", q.rate(Metric::kRequests, "code=~\"4..|5..\",route=~\"$route\"")),
                        "{{code}} {{route}}"}},
           .width = 8,
           .runbook = "PenstockApiErrors",
           .empty = "none so far"},
          {.title = "Share of server errors",
           .description = "Of each route's requests, those answered with a 5xx code.",
           .unit = Unit::kShare,
           .queries = {{ratio(sum_by("route", q.rate(Metric::kRequests, "code=~\"5..\",route=~\"$route\"")), all),
                        "{{route}}"}},
           .width = 8,
           .thresholds = {{thresholds::kApiErrorsWarning, Colour::kYellow},
                          {thresholds::kApiErrorsCritical, Colour::kRed}},
           .runbook = "PenstockApiErrors",
           .empty = "none so far"},
          {.title = "Being answered",
           .description =
               "Requests under way. A line that stays up is a queue: answers have become slower than questions come.",
           .queries = {{sum_by("instance", q.value(Metric::kRequestsUnderWay)), "{{instance}}"}},
           .width = 8,
           .runbook = "PenstockApiSlow"},
          {.title = "Answer time, p50",
           .description = "Half the answers with 2xx are quicker.",
           .unit = Unit::kSeconds,
           .queries = {{q.quantile(0.5, Metric::kRequestSeconds, "route", kAnswers), "{{route}}"}},
           .runbook = "PenstockApiSlow",
           .empty = "no requests of late"},
          {.title = "Answer time, p99",
           .description = "99 of 100 answers with 2xx are quicker. Answers to posted events wait for the disk.",
           .unit = Unit::kSeconds,
           .queries = {{q.quantile(0.99, Metric::kRequestSeconds, "route", kAnswers), "{{route}}"}},
           .thresholds = {{thresholds::kAnswerSeconds, Colour::kRed}},
           .runbook = "PenstockApiSlow",
           .empty = "no requests of late"},
          {.title = "How long answers take",
           .description = "Requests by their time; darker: more of them.",
           .kind = PanelKind::kHeatmap,
           .unit = Unit::kSeconds,
           .queries = {{q.buckets(Metric::kRequestSeconds, kRoute), "{{le}}"}},
           .width = 24,
           .runbook = "PenstockApiSlow"},
      }};
}

PanelRow freshness() {
  const PromQl& q = chosen();
  return {"Freshness",
          {
              {.title = "Event to answer, p50",
               .description = "From an event being taken in until answers of the view or model reflect it.",
               .unit = Unit::kSeconds,
               .queries = {{q.quantile(0.5, Metric::kEventToServed, "component_id"), "{{component_id}}"}},
               .width = 8,
               .runbook = "PenstockFreshnessBreach",
               .empty = "no events of late"},
              {.title = "Event to answer, p99",
               .description = "99 of 100 events count sooner.",
               .unit = Unit::kSeconds,
               .queries = {{q.quantile(0.99, Metric::kEventToServed, "component_id"), "{{component_id}}"}},
               .width = 8,
               .thresholds = {{thresholds::kFreshSeconds, Colour::kRed}},
               .runbook = "PenstockFreshnessBreach",
               .empty = "no events of late"},
              {.title = "In answers within a second",
               .description = "Share of the events that count within a second.",
               .unit = Unit::kShare,
               .queries = {{q.share_within(1, Metric::kEventToServed, "component_id"), "{{component_id}}"}},
               .width = 8,
               .maximum = 1,
               .runbook = "PenstockFreshnessBreach",
               .empty = "no events of late"},
          }};
}

PanelRow answers() {
  const PromQl& q = chosen();
  const std::string models = sum_by("component_id", q.rate(Metric::kRecommendations));
  const std::string recommenders = sum_by("component_id", q.rate(Metric::kRecommenderAnswers));
  return {
      "Recommendations",
      {
          {.title = "Answers",
           .description = "Of each model that was asked, and of each recommender. A recommender asks several models.",
           .unit = Unit::kRequestsPerSecond,
           .queries = {{models, "{{component_id}}"}, {recommenders, "{{component_id}} (recommender)"}},
           .width = 8,
           .empty = "no answers so far"},
          {.title = "Fallback",
           .description = "Share of the answers that a model could not give from what it learnt, and that are the most "
                          "popular items.",
           .unit = Unit::kShare,
           .queries = {{ratio(sum_by("component_id", q.rate(Metric::kRecommendations, "fallback=\"true\"")), models),
                        "{{component_id}}"}},
           .width = 8,
           .thresholds = {{thresholds::kFallbackShare, Colour::kRed}},
           .maximum = 1,
           .runbook = "PenstockFallbackHigh",
           .empty = "none so far"},
          {.title = "Users by what is known of them",
           .description = "Answers for warm users (five items or more), cold ones, and those without a name.",
           .unit = Unit::kRequestsPerSecond,
           .queries = {{sum_by("segment", q.rate(Metric::kRecommendations)), "{{segment}}"},
                       {sum_by("segment", q.rate(Metric::kRecommenderAnswers)), "{{segment}} (recommenders)"}},
           .width = 8,
           .stacked = true,
           .empty = "no answers so far"},
          {.title = "Cold users",
           .description = "Share of the answers that went to users with fewer than five items. A rise is a campaign, "
                          "or events that "
                          "do not come in.",
           .unit = Unit::kShare,
           .queries = {{ratio(sum_by("component_id", q.rate(Metric::kRecommendations, "segment=\"cold\"")), models),
                        "{{component_id}}"},
                       {ratio(sum_by("component_id", q.rate(Metric::kRecommenderAnswers, "segment=\"cold\"")),
                              recommenders),
                        "{{component_id}} (recommender)"}},
           .width = 8,
           .maximum = 1,
           .runbook = "PenstockFallbackHigh",
           .empty = "no cold users so far"},
          {.title = "Items an answer",
           .description = "Fewer than were asked for: conditions or what users have seen leave too little.",
           .queries = {{ratio(sum_by("component_id", q.rate(Metric::kRecommendedItems)), models), "{{component_id}}"}},
           .width = 8,
           .runbook = "PenstockEmptyAnswers",
           .empty = "no answers of late"},
          {.title = "Recommenders: which step answered",
           .description = "Steps of the fallback chain: candidates means that none was needed.",
           .unit = Unit::kRequestsPerSecond,
           .queries = {{sum_by("component_id, step", q.rate(Metric::kRecommenderAnswers)),
                        "{{component_id}}: {{step}}"}},
           .width = 8,
           .stacked = true,
           .empty = "no recommender has answered"},
          {.title = "Recommenders: answer time",
           .description = "Time to make an answer, without HTTP.",
           .unit = Unit::kSeconds,
           .queries = {{q.quantile(0.5, Metric::kRecommenderSeconds, "component_id"), "{{component_id}} p50"},
                       {q.quantile(0.99, Metric::kRecommenderSeconds, "component_id"), "{{component_id}} p99"}},
           .width = 8,
           .runbook = "PenstockApiSlow",
           .empty = "no recommender has answered of late"},
          {.title = "Recommenders: from the cache",
           .description = "Share of the answers that were kept from before.",
           .unit = Unit::kShare,
           .queries = {{ratio(sum_by("component_id", q.rate(Metric::kRecommenderAnswers, "cached=\"true\"")),
                              recommenders),
                        "{{component_id}}"}},
           .width = 8,
           .maximum = 1,
           .empty = "none so far"},
          {.title = "Predictions and choices",
           .description = "Probabilities foretold, and arms chosen by bandits.",
           .unit = Unit::kRequestsPerSecond,
           .queries = {{sum_by("component_id, outcome", q.rate(Metric::kPredictions)),
                        "{{component_id}}: {{outcome}}"}},
           .width = 8,
           .stacked = true,
           .empty = "none asked for"},
      }};
}

}  // namespace

Dashboard serving_dashboard() {
  return {.uid = "penstock-serving",
          .title = "Penstock: serving",
          .question = "How quickly, how freshly and how well is every request answered?",
          .variables = {{"route", "Route", info(Metric::kRequests).name, "route"}},
          .rows = {requests(), freshness(), answers()}};
}

}  // namespace penstock::monitoring
