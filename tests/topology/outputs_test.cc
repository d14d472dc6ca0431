// Stages with several outputs: how others name them, and what the plan makes of that.
#include "topology/outputs.h"

#include <catch2/catch.hpp>

#include "small_catalogue.h"
#include "topology/explain.h"
#include "topology/plan.h"

using namespace penstock::topology;
using penstock::topology::testing::checked;
using penstock::topology::testing::mistakes;

namespace {

const std::string kHead =
    "name: shop\n"
    "schemas: {event: {u: int64, score: int64}}\n"
    "sources:\n"
    "  events: {type: file, schema: event}\n"
    "stages:\n"
    "  by_score: {type: route, input: events, routes: {low: score <= 2, mid: score = 3}}\n";

// `node [stages] <- from(output)`, one a line; then the logs that sinks and models read.
std::string shape(const std::string& more) {
  const Plan plan = make_plan(checked(kHead + more));
  std::string out;
  for (const PlannedRegion& region : plan.regions)
    for (const PlannedNode& node : region.nodes) {
      out += node.id + " [";
      for (size_t i = 0; i < node.stages.size(); ++i)
        out += (i == 0 ? "" : " ") + node.stages[i];
      out += "]";
      for (const PlannedEdge& edge : region.edges)
        if (edge.to == node.id)
          out += " <- " + edge.from + (edge.output.empty() ? "" : "(" + edge.output + ")");
      out += "\n";
    }
  out += "logs";
  for (const PlannedLog& log : plan.logs)
    out += " " + log.name;
  return out;
}

}  // namespace

TEST_CASE("an output is read by the stage's name and its own") {
  CHECK(shape("  few: {type: filter, input: by_score.low, where: u > 1}\n"
              "  n: {type: reduce, input: few, aggregates: {n: count(*)}}\n") ==
        "by_score [by_score] <- events\n"
        "few [by_score.low few] <- by_score(low)\n"
        "n [n] <- few\n"
        "logs events");
}

TEST_CASE("all readers of one output read the same rows") {
  CHECK(shape("  a: {type: reduce, input: by_score.low, aggregates: {n: count(*)}}\n"
              "  b: {type: reduce, input: by_score.low, group_by: [u], aggregates: {n: count(*)}}\n"
              "  c: {type: reduce, input: by_score.mid, aggregates: {n: count(*)}}\n") ==
        "by_score [by_score] <- events\n"
        "by_score.low [by_score.low] <- by_score(low)\n"
        "a [a] <- by_score.low\n"
        "b [b] <- by_score.low\n"
        "by_score.mid [by_score.mid] <- by_score(mid)\n"
        "c [c] <- by_score.mid\n"
        "logs events");
}

TEST_CASE("a stage with other outputs that are read ends its chain; one without is fused like any other") {
  CHECK(shape("  rest: {type: map, input: by_score, add: {v: u + 1}}\n"
              "  low: {type: reduce, input: by_score.low, aggregates: {n: count(*)}}\n"
              "  n: {type: reduce, input: rest, aggregates: {n: count(*)}}\n") ==
        "by_score [by_score] <- events\n"
        "rest [rest] <- by_score\n"
        "by_score.low [by_score.low] <- by_score(low)\n"
        "low [low] <- by_score.low\n"
        "n [n] <- rest\n"
        "logs events");
  CHECK(shape("  rest: {type: map, input: by_score, add: {v: u + 1}}\n"
              "  n: {type: reduce, input: rest, aggregates: {n: count(*)}}\n") ==
        "rest [by_score rest] <- events\n"
        "n [n] <- rest\n"
        "logs events");
}

TEST_CASE("sinks and models read the log of an output, and buffers keep one") {
  CHECK(shape("  waiting: {type: buffer, input: by_score.mid}\n"
              "  late: {type: filter, input: waiting, where: u > 1}\n"
              "sinks:\n"
              "  file: {type: file, input: by_score.low, path: low.jsonl}\n"
              "  rest: {type: file, input: late, path: rest.jsonl}\n"
              "models:\n"
              "  taste: {type: als, input: by_score.low, user: u, item: score}\n") ==
        "by_score [by_score] <- events\n"
        "waiting [by_score.mid waiting] <- by_score(mid)\n"
        "by_score.low [by_score.low] <- by_score(low)\n"
        "by_score.low>log [] <- by_score.low\n"
        "taste [taste] <- by_score.low\n"
        "late [late] <- waiting\n"
        "late>log [] <- late\n"
        "logs events waiting late by_score.low");
}

TEST_CASE("an output that there is not is reported with those that there are") {
  CHECK(mistakes(kHead + "  a: {type: reduce, input: by_score.lw, aggregates: {n: count(*)}}\n") ==
        "7:28 unknown-output: by_score has no output \"lw\" (did you mean low?)\n");
  CHECK(mistakes(kHead + "  a: {type: reduce, input: by_score.rubbish, aggregates: {n: count(*)}}\n") ==
        "7:28 unknown-output: by_score has no output \"rubbish\" (its outputs are low, mid)\n");
  CHECK(mistakes(kHead + "  a: {type: reduce, input: by_score.low, aggregates: {n: count(*)}}\n"
                         "  b: {type: filter, input: by_score, where: u > 1}\n"
                         "  c: {type: reduce, input: b.late, aggregates: {n: count(*)}}\n"
                         "  d: {type: reduce, input: nobody.low, aggregates: {n: count(*)}}\n"
                         "  e: {type: reduce, input: b, aggregates: {n: count(*)}}\n") ==
        "9:28 unknown-output: b has no output \"late\" (a filter has one output only: write b)\n"
        "10:28 unknown-input: there is no source or stage \"nobody.low\" (there are events, by_score, a, b, c, e, "
        "by_score.low)\n");
}

TEST_CASE("a column that an output does not have is reported at its reader") {
  CHECK(mistakes(kHead + "  a: {type: filter, input: by_score.low, where: scor > 1}\n"
                         "  b: {type: reduce, input: a, aggregates: {n: count(*)}}\n") ==
        "7:49 bad-expression: there is no column \"scor\" (did you mean score?)\n");
}

TEST_CASE("a stage is not unused when one of its outputs is read, and nobody declares an output") {
  CHECK(mistakes(kHead + "  a: {type: reduce, input: by_score.low, aggregates: {n: count(*)}}\n").empty());
  CHECK_THAT(mistakes(kHead + "  a: {type: output, input: by_score}\n"), Catch::Contains("no type of stage"));
  CHECK_THAT(mistakes(kHead + "  by_score.low: {type: filter, input: events, where: u > 1}\n"),
             Catch::Contains("bad-id"));
}

TEST_CASE("the plan shows outputs by their names") {
  const std::string text =
      explain_text(make_plan(checked(kHead + "  a: {type: reduce, input: by_score.low, aggregates: {n: count(*)}}\n")));
  CHECK_THAT(text, Catch::Contains("  by_score.low\n    does  output\n    from  by_score  forward") &&
                       Catch::Contains("  a\n    does  reduce, keeps state\n    from  by_score.low  exchange()"));
}
