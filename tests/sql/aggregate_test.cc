#include "sql/aggregate.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"
#include "tests/sql/evaluate.h"

using namespace penstock;
using namespace penstock::sql;

namespace {

AggregateCall call(std::string_view text) {
  auto compiled = AggregateCall::compile(text, test_schema());
  INFO(text << ": " << (compiled.ok() ? "" : compiled.problem().message));
  REQUIRE(compiled.ok());
  return *compiled;
}

std::string results(const AggregateCall& aggregate, const AggregateStates& states) {
  ColumnBuilder out(aggregate.type());
  for (size_t g = 0; g < states.groups(); ++g)
    states.append_result(g, out);
  const ColumnPtr column = out.finish();
  std::string text;
  for (size_t g = 0; g < column->size(); ++g)
    text += (g == 0 ? "" : " ") + column->to_string(g);
  return text;
}

// Of two groups: the rows whose id is odd, and the even ones. A third group stays empty.
std::string aggregated(std::string_view text, const BatchPtr& batch) {
  const AggregateCall aggregate = call(text);
  const auto states = aggregate.make_states();
  states->resize(3);
  std::vector<uint32_t> groups;
  for (size_t i = 0; i < batch->rows(); ++i)
    groups.push_back(batch->column(0)->int64s()[batch->row(i)] % 2 == 0);
  std::string errors;
  for (const RowError& error : aggregate.update(*states, *batch, groups))
    errors += " !" + std::to_string(error.row) + " " + error.message;
  return results(aggregate, *states) + errors;
}

std::string problem_of(std::string_view text) {
  const auto compiled = AggregateCall::compile(text, test_schema());
  if (compiled.ok())
    return "ok";
  const Problem& p = compiled.problem();
  return "@" + std::to_string(p.offset) + " " + p.message + (p.hint.empty() ? "" : " (" + p.hint + ")");
}

const std::vector<std::string> kCalls = {"count(*)",
                                         "count(i)",
                                         "count(distinct i)",
                                         "count(distinct s)",
                                         "count(distinct f)",
                                         "sum(i)",
                                         "sum(f)",
                                         "min(i)",
                                         "max(f)",
                                         "min(s)",
                                         "max(s)",
                                         "min(at)",
                                         "avg(i)",
                                         "avg(f)",
                                         "first(i)",
                                         "last(s)",
                                         "first(s ORDER BY f)",
                                         "last(i ORDER BY s)",
                                         "first(f ORDER BY i DESC)",
                                         "sum(i * 2) FILTER (WHERE f > 0)",
                                         "first(b)",
                                         "last(doc)",
                                         "variance(i)",
                                         "stddev_pop(f) FILTER (WHERE i > 0)",
                                         "approx_count_distinct(s)",
                                         "approx_count_distinct(f)",
                                         "approx_percentile(i, 0.9)",
                                         "median(f)",
                                         "top_k(s, 2)",
                                         "top_k(at, 3)",
                                         "decayed_count(at, '2d')"};

BatchPtr random_batch(Random& random, size_t count) {
  std::vector<std::string> lines;
  const auto maybe = [&](std::string cell) { return random.below(5) == 0 ? "-" : cell; };
  for (size_t k = 0; k < count; ++k) {
    const auto number = [&] { return std::to_string(static_cast<int>(random.below(20)) - 10); };
    lines.push_back(std::to_string(random.below(100)) + "|" + maybe("true") + "|" + maybe(number()) + "|-|" +
                    maybe(number() + "." + std::to_string(random.below(1000))) + "|-|" + maybe("s" + number()) + "|-|" +
                    maybe("2024-01-0" + std::to_string(1 + random.below(9))) + "|-|" +
                    maybe("{\"k\":" + number() + "}"));
  }
  return rows(lines);
}

}  // namespace

TEST_CASE("aggregates skip nulls, and a group without values gives null, or 0 for count") {
  const auto batch =
      rows({"1|-|5|-|1.5|-|b|-|2024-01-02", "3|-|-|-|-|-|-", "5|-|7|-|2.5|-|a|-|2024-01-01", "2|-|1|-|nan|-|z"});
  CHECK(aggregated("count(*)", batch) == "3 1 0");
  CHECK(aggregated("count(i)", batch) == "2 1 0");
  CHECK(aggregated("sum(i)", batch) == "12 1 NULL");
  CHECK(aggregated("avg(i)", batch) == "6 1 NULL");
  CHECK(aggregated("sum(f)", batch) == "4 NaN NULL");
  CHECK(aggregated("max(f)", batch) == "2.5 NaN NULL");
  CHECK(aggregated("min(s)", batch) == "a z NULL");
  CHECK(aggregated("max(at)", batch) == "2024-01-02T00:00:00Z NULL NULL");
  CHECK(aggregated("first(s)", batch) == "b z NULL");
  CHECK(aggregated("last(s)", batch) == "a z NULL");
  CHECK(aggregated("last(s ORDER BY at)", batch) == "b NULL NULL");
  CHECK(aggregated("first(i ORDER BY s)", batch) == "7 1 NULL");
  CHECK(aggregated("count(distinct s)", batch) == "2 1 0");
}

TEST_CASE("FILTER guards the argument it filters") {
  const auto batch = rows({"1|-|0", "3|-|2", "5|-|4"});
  CHECK(aggregated("sum(8 / i) FILTER (WHERE i <> 0)", batch) == "6 NULL NULL");
  CHECK(aggregated("sum(8 / i)", batch) == "6 NULL NULL !0 division by zero");
  CHECK(aggregated("count(*) FILTER (WHERE i > 0)", batch->select({0, 2})) == "1 0 0");
}

TEST_CASE("a sum that leaves int64 is an error of the row, which stays out of it") {
  const auto batch = rows({"1|-|9223372036854775807", "3|-|1", "5|-|-7"});
  CHECK(aggregated("sum(i)", batch) == "9223372036854775800 NULL NULL !1 the sum does not fit int64");
  CHECK(aggregated("avg(i)", batch) == "3074457345618258432 NULL NULL");
}

TEST_CASE("two halves merged give what the whole gives, and states survive their encoding") {
  Random random(7);
  for (int round = 0; round < 20; ++round) {
    const auto first = random_batch(random, random.below(40));
    const auto second = random_batch(random, random.below(40));
    for (const std::string& text : kCalls) {
      const AggregateCall aggregate = call(text);
      const auto whole = aggregate.make_states(), left = aggregate.make_states(), right = aggregate.make_states();
      for (const auto& [states, batch] :
           {std::pair(whole.get(), first), {whole.get(), second}, {left.get(), first}, {right.get(), second}}) {
        states->resize(3);
        std::vector<uint32_t> groups;
        for (size_t i = 0; i < batch->rows(); ++i)
          groups.push_back(batch->column(0)->int64s()[i] % 3);
        CHECK(aggregate.update(*states, *batch, groups).empty());
      }
      const auto merged = aggregate.make_states();
      merged->resize(3);
      for (size_t g = 0; g < 3; ++g) {
        std::string bytes;
        left->encode(g, bytes);
        right->encode(g, bytes);
        std::string_view rest = bytes;
        CHECK(merged->decode(g, rest).ok());
        CHECK(merged->merge(g, rest).ok());
        CHECK(rest.empty());
        std::string again, direct;
        merged->encode(g, again);
        whole->encode(g, direct);
        INFO(text);
        CHECK(again == direct);
      }
      CHECK(results(aggregate, *merged) == results(aggregate, *whole));
    }
  }
}

TEST_CASE("a float sum does not depend on the order of its rows") {
  Random random(3);
  std::vector<double> values;
  for (int k = 0; k < 10'000; ++k)
    values.push_back(static_cast<double>(random.below(1'000'000)) / 100);
  const auto sum_of = [&](const std::vector<double>& list) {
    AggregateInput input;
    input.rows = list.size();
    input.values = Column::float64s(list);
    const AggregateCall aggregate = call("sum(f)");
    const auto states = aggregate.make_states();
    states->resize(1);
    states->update(input, std::vector<uint32_t>(list.size(), 0));
    return results(aggregate, *states);
  };
  const std::string expected = sum_of(values);
  std::sort(values.begin(), values.end());
  CHECK(sum_of(values) == expected);
  std::reverse(values.begin(), values.end());
  CHECK(sum_of(values) == expected);
}

TEST_CASE("broken state bytes are data loss, whatever they are") {
  Random random(11);
  for (const std::string& text : kCalls) {
    const AggregateCall aggregate = call(text);
    const auto states = aggregate.make_states();
    states->resize(1);
    const auto batch = random_batch(random, 10);
    aggregate.update(*states, *batch, std::vector<uint32_t>(batch->rows(), 0));
    std::string bytes;
    states->encode(0, bytes);
    for (size_t cut = 0; cut < bytes.size(); ++cut) {
      std::string_view rest = std::string_view(bytes).substr(0, cut);
      CHECK(states->decode(0, rest).code() == Code::kDataLoss);
    }
    std::string_view wrong = "\x63\x01\x02";
    CHECK(states->decode(0, wrong).code() == Code::kDataLoss);
  }
}

TEST_CASE("a call that is no aggregate, or none of that type, is a problem") {
  CHECK(problem_of("lower(s)") ==
        "@0 this is not a call of an aggregate (the aggregates are approx_count_distinct, "
        "approx_percentile, avg, count, count_by, decayed_count, decayed_sum, first, last, max, median, min, stddev, "
        "stddev_pop, "
        "stddev_samp, sum, top_k, var_pop, var_samp, variance)");
  CHECK(problem_of("summ(i)") == "@0 this is not a call of an aggregate (did you mean sum?)");
  CHECK(problem_of("sum(s)") == "@0 sum of a string does not exist (it takes int64 and float64)");
  CHECK(problem_of("sum(*)") == "@0 sum(*) does not exist (only count takes *)");
  CHECK(problem_of("count()") == "@0 count takes one argument (write count(*) to count rows)");
  CHECK(problem_of("sum(idd)") == "@4 there is no column \"idd\" (did you mean id?)");
  CHECK(problem_of("sum(sum(i))") ==
        "@4 sum is an aggregate and cannot stand here (aggregate in a reduce stage, then compute with its result)");
  CHECK(problem_of("top_k(s)") == "@0 top_k takes 2 arguments (write top_k(x, count))");
  CHECK(problem_of("top_k(s, 0)") ==
        "@9 the second argument of top_k must be a constant whole number from 1 to 1000 (it is how many values are "
        "kept)");
  CHECK(problem_of("approx_percentile(f, i)") ==
        "@21 the second argument of approx_percentile must be a constant from 0 to 1 (such as 0.95 for the 95th "
        "percentile)");
  CHECK(problem_of("approx_percentile(f, 95)") ==
        "@21 the second argument of approx_percentile must be a constant from 0 to 1 (such as 0.95 for the 95th "
        "percentile)");
  CHECK(problem_of("decayed_sum(f, at, 'soon')") ==
        "@19 the last argument of decayed_sum must be a constant duration above 0 (write it as '1h' or interval '1 "
        "hour'; a "
        "weight halves in that time)");
  CHECK(problem_of("decayed_sum(f, i, '1h')") ==
        "@0 decayed_sum of a float64 and a int64 does not exist (it takes int64 or float64, a timestamp and a "
        "half-life)");
  CHECK(problem_of("variance(s)") == "@0 variance of a string does not exist (it takes int64 and float64)");
  CHECK(problem_of("stddef(i)") == "@0 this is not a call of an aggregate (did you mean stddev?)");
  CHECK(problem_of("sum(distinct i)") == "@0 DISTINCT is supported in count only");
}
