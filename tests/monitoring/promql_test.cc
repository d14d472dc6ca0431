#include "monitoring/promql.h"

#include <catch2/catch.hpp>

#include "monitoring/promql_check.h"

namespace penstock::monitoring {
namespace {

const PromQl kHere("topology=\"shop\"", "5m");

TEST_CASE("an expression names a metric by what it is, with the matchers that hold everywhere") {
  CHECK(kHere.value(Metric::kQueueBytes) == "penstock_component_queue_bytes{topology=\"shop\"}");
  CHECK(kHere.rate(Metric::kErrors, "error_type=\"io\"") ==
        "rate(penstock_component_errors_total{topology=\"shop\",error_type=\"io\"}[5m])");
  CHECK(PromQl("", "1h").increase(Metric::kRestarts) == "increase(penstock_supervisor_restarts_total[1h])");
  CHECK(kHere.over("1m").outside("up") == "up{topology=\"shop\"}");
}

TEST_CASE("a histogram is asked for a quantile, a mean, or the share within a bound") {
  CHECK(kHere.quantile(0.99, Metric::kRequestSeconds, "route") ==
        "histogram_quantile(0.99, sum by (le, route) "
        "(rate(penstock_serve_request_seconds_bucket{topology=\"shop\"}[5m])))");
  CHECK(PromQl("", "5m").mean(Metric::kStoreCommitSeconds) ==
        "sum(rate(penstock_lmdb_commit_seconds_sum[5m])) / (sum(rate(penstock_lmdb_commit_seconds_count[5m])) > 0)");
  CHECK(PromQl("", "5m").share_within(0.5, Metric::kEventToServed, "", "component_id=\"a\"") ==
        "sum(rate(penstock_event_to_served_seconds_bucket{le=\"0.5\",component_id=\"a\"}[5m])) / "
        "(sum(rate(penstock_event_to_served_seconds_count{component_id=\"a\"}[5m])) > 0)");
}

TEST_CASE("what is built of metrics passes the check, and the check says which they are") {
  const std::string expression =
      ratio(sum_by("component_id", kHere.rate(Metric::kTimeSeconds, "state=~\"busy|{\"")),
            max_by("component_id", kHere.value(Metric::kLagSeconds, "log!=\"a\"")) + " * on (topology) group_left () " +
                min_by("", kHere.value(Metric::kStarted)));
  CHECK(check_promql(expression).ok());
  CHECK(metrics_in(expression) == std::set{Metric::kTimeSeconds, Metric::kLagSeconds, Metric::kStarted});
}

TEST_CASE("the check finds what Prometheus would answer with nothing") {
  const auto message = [](const char* expression) { return check_promql(expression).message(); };
  CHECK_THAT(message("sum(penstock_component_errors)"), Catch::Contains("did you mean"));
  CHECK_THAT(message("penstock_lmdb_used_bytes{component_id=\"a\"}"), Catch::Contains("no label of"));
  CHECK_THAT(message("rate(penstock_lmdb_used_bytes[5m])"), Catch::Contains("is a gauge"));
  CHECK_THAT(message("rate(penstock_lmdb_commit_seconds[5m])"), Catch::Contains("_bucket"));
  CHECK_THAT(message("penstock_lmdb_commit_seconds_sum{le=\"1\"}"), Catch::Contains("no label of"));
  CHECK_THAT(message("sum(up"), Catch::Contains("`)` is missing"));
  CHECK_THAT(message("sum(up))"), Catch::Contains("without its beginning"));
  CHECK_THAT(message("up{job=\"a}"), Catch::Contains("not closed"));
}

}  // namespace
}  // namespace penstock::monitoring
