// Variance, decayed sums and top-k beside the slow obvious way.
#include <algorithm>
#include <cmath>
#include <map>

#include "tests/sql/aggregate_values.h"

using namespace penstock;
using namespace penstock::sql;

namespace {

double naive_variance(const std::vector<double>& values) {
  long double mean = 0, m = 0;
  for (const double x : values)
    mean += static_cast<long double>(x) / static_cast<long double>(values.size());
  for (const double x : values)
    m += (x - mean) * (x - mean);
  return static_cast<double>(m / static_cast<long double>(values.size() - 1));
}

ColumnPtr times(std::vector<int64_t> micros) { return Column::int64s(std::move(micros), {}, Type::kTimestamp); }

}  // namespace

TEST_CASE("variance and stddev follow PostgreSQL's forms") {
  const ColumnPtr ints = Column::int64s({2, 4, 4, 4, 5, 5, 7, 9});
  CHECK(aggregate("var_pop(i)", ints) == "4");
  CHECK(aggregate("stddev_pop(i)", ints) == "2");
  CHECK(aggregate("variance(i)", ints) == "4.571428571428571");
  CHECK(aggregate("var_samp(i)", ints) == aggregate("variance(i)", ints));
  CHECK(aggregate("stddev(i)", ints) == aggregate("stddev_samp(i)", ints));
  CHECK(aggregate("var_pop(f)", Column::float64s({2, 4, 4, 4, 5, 5, 7, 9})) == "4");
  CHECK(aggregate("variance(i)", Column::int64s({5})) == "NULL");
  CHECK(aggregate("var_pop(i)", Column::int64s({5})) == "0");
  CHECK(aggregate("var_pop(f)", Column::float64s({INFINITY, 1})) == "NaN");
  CHECK(aggregate("stddev(f)", Column::float64s({1e200, 1})) == "!the sum of the squares does not fit float64");
}

TEST_CASE("variance keeps its digits far from zero") {
  CHECK(aggregate("var_pop(i)", Column::int64s({INT64_MAX, INT64_MAX - 2, INT64_MAX - 4, INT64_MAX - 6})) == "5");
  CHECK(aggregate("var_pop(i)", Column::int64s({INT64_MIN, INT64_MAX})) == "8.507059173023462e+37");
  CHECK(aggregate("variance(f)", Column::float64s({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16})) == "30");
  CHECK(aggregate("stddev(f)", Column::float64s(std::vector<double>(1000, 0.1))) == "0");
}

TEST_CASE("variance is that of the naive two passes, however the rows are divided") {
  Random random(5);
  for (int round = 0; round < 30; ++round) {
    std::vector<double> floats;
    std::vector<int64_t> ints;
    const auto offset = static_cast<double>(random.below(1'000'000));
    for (size_t i = 0; i < 2 + random.below(300); ++i) {
      ints.push_back(static_cast<int64_t>(random.below(2000)) - 1000);
      floats.push_back(offset + static_cast<double>(random.below(100'000)) / 1000);
    }
    const ColumnPtr f = Column::float64s(floats), i = Column::int64s(ints);
    const std::string whole = aggregate("variance(f)", f);
    CHECK(std::stod(whole) == Approx(naive_variance(floats)).epsilon(1e-9));
    CHECK(aggregate_divided("variance(f)", f, nullptr, 1 + random.below(5), random) == whole);
    CHECK(std::stod(aggregate("variance(i)", i)) ==
          Approx(naive_variance(std::vector<double>(ints.begin(), ints.end()))).epsilon(1e-12));
    CHECK(aggregate_divided("stddev_pop(i)", i, nullptr, 3, random) == aggregate("stddev_pop(i)", i));
  }
}

TEST_CASE("a decayed sum halves with each half-life before the latest row, in any order") {
  constexpr int64_t kHour = 3'600'000'000;
  CHECK(aggregate("decayed_sum(f, at, '1h')", Column::float64s({8, 4, 1}), times({0, kHour, 3 * kHour})) == "3");
  CHECK(aggregate("decayed_sum(i, at, interval '1 hour')", Column::int64s({1, 8, 4}), times({3 * kHour, 0, kHour})) ==
        "3");
  CHECK(aggregate("decayed_count(at, '30m')", times({kHour, 0, -kHour})) == "1.3125");
  CHECK(aggregate("decayed_count(at, '1ms')", times({-1'000'000'000'000'000, 253'370'764'800'000'000})) == "1");
  CHECK(aggregate("decayed_sum(f, at, '1h')", Column::float64s({}), times({})) == "NULL");
  CHECK(aggregate("decayed_count(at, '1h')", times({})) == "0");
}

TEST_CASE("a decayed sum is that of the naive sum, however the rows are divided") {
  Random random(9);
  for (int round = 0; round < 30; ++round) {
    std::vector<double> values;
    std::vector<int64_t> at;
    for (size_t i = 0; i < 1 + random.below(200); ++i) {
      values.push_back(static_cast<double>(random.below(10'000)) / 100);
      at.push_back(1'700'000'000'000'000 + static_cast<int64_t>(random.below(40'000'000'000)));
    }
    const int64_t latest = *std::max_element(at.begin(), at.end());
    long double expected = 0;
    for (size_t i = 0; i < at.size(); ++i)
      expected += values[i] * std::exp2(static_cast<long double>(at[i] - latest) / 3600e6L);
    const ColumnPtr x = Column::float64s(values), t = times(at);
    const std::string whole = aggregate("decayed_sum(f, at, '1h')", x, t);
    CHECK(std::stod(whole) == Approx(static_cast<double>(expected)).epsilon(1e-12));
    CHECK(aggregate_divided("decayed_sum(f, at, '1h')", x, t, 1 + random.below(5), random) == whole);
  }
}

TEST_CASE("top_k counts exactly up to its bound, ties by value") {
  CHECK(aggregate("top_k(i, 2)", Column::int64s({3, 1, 2, 1, 3, 1})) == "[[1,3],[3,2]]");
  CHECK(aggregate("top_k(i, 3)", Column::int64s({9, 7, 8, 7, 8, 9})) == "[[7,2],[8,2],[9,2]]");
  CHECK(aggregate("top_k(f, 5)", Column::float64s({1.5, -2, 1.5})) == "[[1.5,2],[-2,1]]");
  CHECK(aggregate("top_k(s, 1)", Column::strings({0, 3, 6}, "a\"ba\"b")) == R"([["a\"b",2]])");
  CHECK(aggregate("top_k(at, 1)", times({0})) == R"([["1970-01-01T00:00:00Z",1]])");
  CHECK(aggregate("top_k(i, 5)", Column::int64s({})) == "NULL");
}

TEST_CASE("top_k past its bound finds what is frequent, never too high and at most n / 257 too low") {
  Random random(2);
  std::vector<int64_t> values;
  std::map<int64_t, int64_t> truth;
  for (int i = 0; i < 60'000; ++i) {
    const auto value = static_cast<int64_t>(random.below(2) == 0 ? random.below(8) : 1000 + random.below(50'000));
    values.push_back(value);
    ++truth[value];
  }
  const ColumnPtr column = Column::int64s(values);
  for (const std::string& text :
       {aggregate("top_k(i, 8)", column), aggregate_divided("top_k(i, 8)", column, nullptr, 4, random)}) {
    INFO(text);
    size_t at = 1;
    for (int i = 0; i < 8; ++i) {
      long value = 0, count = 0;
      int used = 0;
      REQUIRE(std::sscanf(text.c_str() + at, "[%ld,%ld]%n", &value, &count, &used) == 2);
      at += static_cast<size_t>(used) + 1;
      CHECK(value < 8);
      CHECK(count <= truth[value]);
      CHECK(count >= truth[value] - 60'000 / 257);
    }
  }
}
