// approx_count_distinct and the quantiles beside exact answers: within their stated errors, and the same however the rows
// are divided and ordered.
#include <algorithm>
#include <cmath>

#include "sql/quantile_sketch.h"
#include "tests/sql/aggregate_values.h"

using namespace penstock;
using namespace penstock::sql;

namespace {

double exact_quantile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double rank = p * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(rank);
  const size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (values[high] - values[low]) * (rank - static_cast<double>(low));
}

std::vector<double> skewed(Random& random, size_t count, double spread) {
  std::vector<double> out;
  for (size_t i = 0; i < count; ++i)
    out.push_back(std::exp((static_cast<double>(random.below(2'000'001)) / 1'000'000 - 1) * spread));
  return out;
}

}  // namespace

TEST_CASE("approx_count_distinct is exact for few values and within 5 % for many") {
  Random random(1);
  for (const int64_t count : {0, 1, 100, 640, 641, 5'000, 20'000, 300'000}) {
    std::vector<int64_t> values;
    for (int64_t i = 0; i < count; ++i) {
      values.push_back(i * 7919);
      values.push_back((i / 2) * 7919);
    }
    const ColumnPtr column = Column::int64s(values);
    const std::string whole = aggregate("approx_count_distinct(i)", column);
    const double error = count <= 640 ? 0 : 0.05;
    CHECK(std::abs(std::stod(whole) - static_cast<double>(count)) <= error * static_cast<double>(count));
    CHECK(aggregate_divided("approx_count_distinct(i)", column, nullptr, 3, random) == whole);
  }
}

TEST_CASE("the standard error of approx_count_distinct is about 1.6 %") {
  double squares = 0;
  constexpr int kRounds = 60;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<int64_t> values;
    for (int64_t i = 0; i < 10'000; ++i)
      values.push_back(round * 1'000'000 + i);
    const double error = std::stod(aggregate("approx_count_distinct(i)", Column::int64s(values))) / 10'000 - 1;
    squares += error * error / kRounds;
  }
  CHECK(std::sqrt(squares) < 0.022);
  CHECK(std::sqrt(squares) > 0.010);
}

TEST_CASE("approx_count_distinct knows equal floats and different strings") {
  CHECK(aggregate("approx_count_distinct(f)", Column::float64s({0.0, -0.0, NAN, NAN, 1.5})) == "3");
  CHECK(aggregate("approx_count_distinct(s)", Column::strings({0, 1, 2, 3, 3}, "aba")) == "3");
}

TEST_CASE("quantiles of up to 64 different values are exact, by interpolation") {
  CHECK(aggregate("median(i)", Column::int64s({1, 2})) == "1.5");
  CHECK(aggregate("median(f)", Column::float64s({5, 1, 9})) == "5");
  CHECK(aggregate("approx_percentile(i, 0.25)", Column::int64s({40, 10, 20, 30})) == "17.5");
  CHECK(aggregate("approx_percentile(f, 0)", Column::float64s({5, 1, 9})) == "1");
  CHECK(aggregate("approx_percentile(f, 1)", Column::float64s({5, NAN, 9})) == "NaN");
  CHECK(aggregate("median(f)", Column::float64s({})) == "NULL");
}

TEST_CASE("quantiles of many values are within 0.5 %, and the same however the rows are divided") {
  Random random(4);
  for (const double sign : {1.0, -1.0}) {
    std::vector<double> values = skewed(random, 20'000, 9);
    for (double& value : values)
      value *= sign;
    const ColumnPtr column = Column::float64s(values);
    for (const char* p : {"0", "0.01", "0.5", "0.95", "0.999", "1"}) {
      const std::string text = std::string("approx_percentile(f, ") + p + ")";
      const std::string whole = aggregate(text, column);
      CHECK(std::stod(whole) == Approx(exact_quantile(values, std::stod(p))).epsilon(0.00501));
      CHECK(aggregate_divided(text, column, nullptr, 4, random) == whole);
    }
  }
}

TEST_CASE("quantiles of values of any size stay within the error that the sketch states") {
  Random random(6);
  const std::vector<double> values = skewed(random, 40'000, 600);
  QuantileSketch sketch, left, right;
  for (size_t i = 0; i < values.size(); ++i) {
    sketch.add(values[i]);
    (i % 3 == 0 ? left : right).add(values[i]);
  }
  left.merge(right);
  CHECK(sketch.error() > 0.1);
  CHECK(sketch.error() < 0.5);
  CHECK(sketch.memory() <= 2 * 16 * QuantileSketch::kMostBuckets);
  for (const double p : {0.1, 0.5, 0.9}) {
    CHECK(sketch.quantile(p) == Approx(exact_quantile(values, p)).epsilon(sketch.error() * 1.01));
    CHECK(left.quantile(p) == sketch.quantile(p));
  }
}

TEST_CASE("quantiles across zero keep the order of the values") {
  std::vector<double> values;
  for (int i = -500; i <= 500; ++i)
    values.push_back(i / 10.0);
  const ColumnPtr column = Column::float64s(values);
  CHECK(aggregate("median(f)", column) == "0");
  CHECK(std::stod(aggregate("approx_percentile(f, 0.1)", column)) == Approx(-40).epsilon(0.0051));
  CHECK(std::stod(aggregate("approx_percentile(f, 0.9)", column)) == Approx(40).epsilon(0.0051));
}
