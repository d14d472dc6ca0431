#include "models/retrieval_plan.h"

#include <catch2/catch.hpp>

namespace penstock {

TEST_CASE(
    "the planner takes heads where they rule out most items, and bytes where they do not or are no more to read") {
  RetrievalMeasures measures{.items = 1000000, .width = 128, .scanned_share = 0.004, .scored_share = 0.00002};
  CHECK(plan_retrieval(measures, {}) == RetrievalMethod::kNormSorted);
  measures.width = 32;
  CHECK(plan_retrieval(measures, {}) == RetrievalMethod::kInt8);
  measures = {.items = 500000, .width = 128, .scanned_share = 1, .scored_share = 0.05};
  CHECK(plan_retrieval(measures, {}) == RetrievalMethod::kInt8);
}

TEST_CASE("the planner takes the graph only where exact search takes longer than declared") {
  const RetrievalMeasures measures{.items = 1000000, .width = 64, .scanned_share = 1, .scored_share = 0.05};
  CHECK(plan_retrieval(measures, {.latency_ms = 10}) == RetrievalMethod::kInt8);
  CHECK(plan_retrieval(measures, {.latency_ms = 1}) == RetrievalMethod::kGraph);
  RetrievalMeasures many = measures;
  many.items = 10000000;
  CHECK(plan_retrieval(many, {.latency_ms = 10}) == RetrievalMethod::kGraph);
  many.scanned_share = 0.01;
  CHECK(plan_retrieval(many, {.latency_ms = 10}) != RetrievalMethod::kGraph);
  // A graph over few items would gain nothing, whatever was declared.
  RetrievalMeasures few = measures;
  few.items = 5000;
  CHECK(plan_retrieval(few, {.latency_ms = 0.001}) == RetrievalMethod::kInt8);
}

TEST_CASE("a search takes longer the more items there are, and what was declared is taken") {
  for (const auto method :
       {RetrievalMethod::kScan, RetrievalMethod::kNormSorted, RetrievalMethod::kInt8, RetrievalMethod::kGraph}) {
    double before = 0;
    for (const int64_t items : {1000, 10000, 100000, 1000000}) {
      const double ms = expected_ms(method, {.items = items, .width = 64, .scanned_share = 0.5});
      CHECK(ms > before);
      before = ms;
    }
    CHECK(plan_retrieval({.items = 10}, {.method = method}) == method);
    CHECK(retrieval_options(name_of(method), 5).method == method);
    CHECK(name_of(retrieval_options(name_of(method), 5)) == name_of(method));
  }
  CHECK_FALSE(retrieval_options("auto", 5).method);
  CHECK(name_of(RetrievalOptions()) == "auto");
}

}  // namespace penstock
