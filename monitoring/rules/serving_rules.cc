#include "monitoring/rules/expressions.h"
#include "monitoring/rules/rules.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {
namespace {

// Probes answer 503 by design, and a tap lasts as long as somebody watches.
constexpr const char* kNoProbes = "route!~\"GET /(health|ready|live|metrics|v1/tap/.*)\"";
// What answers from memory. Posted events wait for the disk; taps, backups and trainings for what they do.
constexpr const char* kAnswers =
    "route=~\"(GET|POST) /v1/(users|items|recommendations|sessions|views|features|models/.name./(predict|choose))"
    ".*\",route!~\".*/(recompute|reconcile)\"";
constexpr const char* kIngest = "route=~\"POST .*\",route!~\"POST /v1/[a-df-z].*\"";

std::string error_share() {
  const PromQl recent("", "5m");
  return ratio(sum_by(kByNode, recent.rate(Metric::kRequests, "code=~\"5..\"," + std::string(kNoProbes))),
               sum_by(kByNode, recent.rate(Metric::kRequests, kNoProbes)));
}

}  // namespace

RuleGroup serving_rules() {
  using namespace thresholds;
  const PromQl recent("", "5m"), steady("", "15m");
  const std::string by_route = std::string(kByNode) + ", route";
  const std::string answers = sum_by(kByComponent, steady.rate(Metric::kRecommendations));
  RuleGroup group{"serving", "What clients see.", {}, {}};
  group.alerts = {
      {"PenstockApiErrors", above(error_share(), kApiErrorsWarning), "5m", Severity::kWarning,
       "{{ $value | humanizePercentage }} of the requests to {{ $labels.instance }} fail",
       "Answers with a 5xx code over the last 5 minutes, probes left out. 503 says that something cannot answer yet, "
       "500 "
       "that something is broken."},
      {"PenstockApiFailing", above(error_share(), kApiErrorsCritical), "2m", Severity::kCritical,
       "{{ $value | humanizePercentage }} of the requests to {{ $labels.instance }} fail",
       "Answers with a 5xx code over the last 5 minutes, probes left out. Clients see it."},
      {"PenstockApiSlow", above(recent.quantile(0.99, Metric::kRequestSeconds, by_route, kAnswers), kAnswerSeconds),
       "10m", Severity::kWarning, "{{ $labels.route }} of {{ $labels.instance }} takes {{ $value | humanizeDuration }}",
       "The 99th percentile of the last 5 minutes. Answers come from memory and usually take milliseconds."},
      {"PenstockIngestSlow", above(recent.quantile(0.99, Metric::kRequestSeconds, by_route, kIngest), kIngestSeconds),
       "5m", Severity::kWarning, "{{ $labels.route }} of {{ $labels.instance }} takes {{ $value | humanizeDuration }}",
       "The 99th percentile of the last 5 minutes. Posted events are answered when they are on the disk, and with "
       "`wait` when answers reflect them."},
      {"PenstockInputRefused", above(sum_by(by_route, recent.rate(Metric::kRequests, "code=\"429\"")), 0), "5m",
       Severity::kWarning,
       "{{ $labels.instance }} refuses {{ $value | humanize }} requests a second of {{ $labels.route }}",
       "Answers with 429: a log's budget, the disk or the memory is used up. Clients try again later; what was refused "
       "was not taken."},
      {"PenstockFreshnessBreach", above(recent.quantile(0.99, Metric::kEventToServed, kByComponent), kFreshSeconds),
       "5m", Severity::kWarning,
       "Events take {{ $value | humanizeDuration }} until {{ $labels.component_id }} of {{ $labels.instance }} "
       "reflects "
       "them",
       "The 99th percentile of the last 5 minutes, from an event being taken in until answers reflect it. At 60 s it "
       "may "
       "be any time beyond."},
      {"PenstockFallbackHigh",
       above(ratio(sum_by(kByComponent, steady.rate(Metric::kRecommendations, "fallback=\"true\"")), answers),
             kFallbackShare),
       "15m", Severity::kWarning,
       "{{ $value | humanizePercentage }} of the answers of {{ $labels.component_id }} are most popular items",
       "The model has nothing to say about most users who ask: they are new, or it has not learnt from their events."},
      {"PenstockEmptyAnswers", below(ratio(sum_by(kByComponent, steady.rate(Metric::kRecommendedItems)), answers), 1),
       "10m", Severity::kCritical, "Answers of {{ $labels.component_id }} of {{ $labels.instance }} are empty",
       "Less than one item an answer: exclusions, conditions or an empty item table leave nothing to recommend."},
  };
  return group;
}

}  // namespace penstock::monitoring
