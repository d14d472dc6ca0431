#include <algorithm>
#include <catch2/catch.hpp>

#include "actors/jobs/job.h"
#include "tests/components/in_topology.h"

namespace penstock {
namespace {

constexpr const char* kHead = R"(
name: shop
schemas:
  order: {id: int64, user: string, item: string, at: timestamp}
sources:
  orders: {type: http, path: /orders, schema: order}
servers: {api: {type: http}}
stages:
  big: {type: filter, input: orders, where: id > 5}
  per_item: {type: reduce, input: orders, group_by: [item], aggregates: {n: count(*)}}
models:
  best: {type: popularity, input: orders, user: user, item: item}
sinks:
  copy: {type: file, input: orders, path: copy.jsonl}
  report: {type: result_file, input: per_item, path: report.csv}
  big_orders: {type: result_file, input: big, path: big.jsonl}
jobs:
)";

constexpr int kHeadLines = 17;

std::string mistakes(const std::string& jobs) {
  std::string out;
  const auto result = test::check_topology(kHead + jobs);
  for (const auto& each : result.diagnostics.list())
    if (each.severity == topology::Diagnostic::Severity::kError)
      out += std::to_string(each.place.line - kHeadLines) + ":" + std::to_string(each.place.column) + " " + each.text +
             (each.hint.empty() ? "" : " (" + each.hint + ")") + "\n";
  return out;
}

TEST_CASE("a job says when it begins and what it does") {
  CHECK(mistakes("  nightly: {schedule: 0 3 * * *, run: [best, per_item, report], timeout: 1h}\n"
                 "  then: {after: [nightly], on: start, every: 15m, run: [big_orders]}\n") == "");
  const test::InTopology topology(kHead +
                                  std::string("  then: {on: start, every: 15m, run: [big_orders], missed: skip}\n"));
  const JobSpec spec = job_of(topology.topology().find("then")->component);
  CHECK(spec.on_start);
  CHECK(spec.rhythm->text() == "every 15m");
  CHECK(spec.rhythm->next_after({1}).micros == 900'000'000);
  CHECK(spec.missed == JobSpec::Missed::kSkip);
}

TEST_CASE("a wrong schedule is shown at its place") {
  CHECK(mistakes("  nightly: {schedule: 0 25 * * *, run: [best]}\n") == "1:25 25 is no hour (it is from 0 to 23)\n");
  CHECK(mistakes("  nightly: {schedule: \"0 3 * * *\", every: 1h, run: [best]}\n") ==
        "1:43 both schedule and every are given (keep one of them)\n");
  CHECK_THAT(mistakes("  nightly: {schedule: 0 3 * * *, time_zone: Europe/Berlin, run: [best]}\n"),
             Catch::Contains("UTC"));
}

TEST_CASE("a job runs models, views and result files, each once") {
  CHECK(mistakes("  nightly: {run: [bst]}\n") == "1:19 there is no component \"bst\" (did you mean best?)\n");
  CHECK(mistakes("  nightly: {run: [best, best]}\n") == "1:25 best is named twice (each is run once, in this order)\n");
  CHECK_THAT(mistakes("  nightly: {run: [big]}\n"), Catch::Contains("a job cannot run big: it is no view"));
  CHECK_THAT(mistakes("  nightly: {run: [copy]}\n"), Catch::Contains("a job cannot run copy: it delivers by itself"));
  CHECK_THAT(mistakes("  nightly: {run: [orders]}\n"), Catch::Contains("a job cannot run orders: it is a source"));
  CHECK(mistakes("  nightly: {run: []}\n") != "");
  CHECK(mistakes("  nightly: {schedule: 0 3 * * *}\n") != "");
}

TEST_CASE("a job recommends in advance to the users of a view, by what recommends") {
  const auto mistakes_with = [](const std::string& source) {
    std::string text = kHead;
    text.insert(text.find("servers:"), "  " + source + "\n");
    return test::mistakes_of_topology(text + "  nightly: {run: [told]}\n");
  };
  CHECK_THAT(mistakes_with("told: {type: recommendations, recommender: best, users: per_item}"),
             !Catch::Contains("recommends no items") && !Catch::Contains("is no view"));
  CHECK_THAT(mistakes_with("told: {type: recommendations, recommender: per_item, users: big}"),
             Catch::Contains("per_item recommends no items") && Catch::Contains("big is no view with one key column"));
}

TEST_CASE("jobs that would wait for each other for ever are found") {
  CHECK(mistakes("  a: {run: [best], after: [a]}\n") == "1:28 the job a would come after itself (remove it here)\n");
  const std::string cycle = mistakes(
      "  a: {run: [best], after: [b]}\n"
      "  b: {run: [best], after: [c]}\n"
      "  c: {run: [best], after: [a]}\n"
      "  d: {run: [best], after: [a]}\n");
  CHECK_THAT(cycle, Catch::Contains("the job a comes, by way of others, after itself"));
  CHECK_THAT(cycle, Catch::Contains("the job c comes, by way of others, after itself"));
  CHECK_THAT(cycle, !Catch::Contains("the job d"));
  CHECK(mistakes("  a: {run: [best], after: [report]}\n") == "1:28 report is no job\n");
  CHECK_THAT(mistakes("  a: {run: [best], after: [bb]}\n  b: {run: [best]}\n"),
             Catch::Contains("there is no component"));
}

TEST_CASE("a result file that no job writes is warned of, and an incremental one reads a log") {
  const auto result = test::check_topology(kHead + std::string("  nightly: {run: [report]}\n"));
  REQUIRE(result.topology);
  REQUIRE(result.diagnostics.list().size() == 1);
  CHECK(result.diagnostics.list()[0].text == "no job writes the result file big_orders");
  CHECK_THAT(test::mistakes_of_topology(R"(
name: shop
schemas:
  order: {id: int64, at: timestamp}
sources:
  orders: {type: http, path: /orders, schema: order}
servers: {api: {type: http}}
stages:
  per_id: {type: reduce, input: orders, group_by: [id], aggregates: {n: count(*)}}
sinks:
  report: {type: result_file, input: per_id, path: report, incremental: true}
  dated: {type: result_file, input: orders, path: dated, partition_by_date: id, format: csv}
jobs:
  nightly: {run: [report, dated]}
)"),
             Catch::Contains("the files of report need a format") && Catch::Contains("per_id is a view") &&
                 Catch::Contains("id"));
}

TEST_CASE("a result file of a view needs no log, one of a stage does") {
  const topology::Plan plan =
      topology::make_plan(test::InTopology(kHead + std::string("  nightly: {run: [report, big_orders]}\n")).topology());
  std::vector<std::string> logs;
  for (const topology::PlannedLog& log : plan.logs)
    logs.push_back(log.name);
  std::ranges::sort(logs);
  CHECK(logs == std::vector<std::string>{"big", "orders"});
  CHECK(plan.sinks == std::vector<std::string>{"copy"});
  CHECK(plan.jobs == std::vector<std::string>{"nightly"});
}

}  // namespace
}  // namespace penstock
