// variance, stddev and their sample and population forms. The sums of the values and of their squares are kept, exactly for
// integers and to more than 106 bits for floats, so that what rounding takes from their difference does not matter and
// neither order nor division of the rows shows.
#include <algorithm>

#include "sql/float_sum.h"
#include "sql/group_states.h"
#include "sql/wide_integer.h"

namespace penstock::sql {
namespace {

using int128 = __int128;

// M = sum of (x - mean)^2, then variance = M / n or M / (n - 1); absent where that divides by 0.
std::optional<double> spread_of(long double m, uint64_t count, Spread spread) {
  if (count == 0 || (spread.sample && count == 1))
    return std::nullopt;
  const long double variance = m / static_cast<long double>(spread.sample ? count - 1 : count);
  return static_cast<double>(spread.root ? std::sqrt(variance) : variance);
}

struct IntSquares {
  uint64_t count = 0;
  int128 sum = 0;
  Wide squares;
};

// With a = S / n cut to an integer and r = S - n a: M = sum of (x - a)^2 - r^2 / n, and sum of (x - a)^2 = Q - a (S + r),
// all in integers. |r| < n and the first term is at least |r|, so at most a bit or two are lost in the last step where
// |r| < n / 2, which rounding a to nearest makes sure of.
long double squared_deviations(const IntSquares& state) {
  const auto n = static_cast<int128>(state.count);
  int128 mean = state.sum / n;
  int128 rest = state.sum - mean * n;
  if (2 * rest > n)
    ++mean, rest -= n;
  else if (2 * rest < -n)
    --mean, rest += n;
  Wide around = state.squares;
  around += -(Wide::of(mean) * Wide::of(state.sum + rest));
  const auto r = static_cast<long double>(rest);
  return around.value() - r * r / static_cast<long double>(n);
}

class IntVarianceStates final : public ArrayStates<IntSquares> {
 public:
  explicit IntVarianceStates(Spread spread) : spread_(spread) {}

  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    const std::span<const int64_t> values = input.values->int64s();
    each_value(input, [&](size_t i) {
      IntSquares& state = states_[group_of_row[i]];
      ++state.count;
      state.sum += values[i];
      state.squares += Wide::of(static_cast<int128>(values[i]) * values[i]);
    });
    return {};
  }
  void append_result(size_t group, ColumnBuilder& out) const override {
    const IntSquares& state = states_[group];
    const auto result = spread_of(state.count ? squared_deviations(state) : 0, state.count, spread_);
    result ? out.append_float64(*result) : out.append_null();
  }
  void encode(size_t group, std::string& out) const override {
    put_fixed<uint8_t>(11, out);
    put_varint(states_[group].count, out);
    put_fixed(states_[group].sum, out);
    put_fixed(states_[group].squares.limbs, out);
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, 11);
    const uint64_t count = reader.varint();
    const auto sum = reader.fixed<int128>();
    const Wide squares{reader.fixed<std::array<uint64_t, 3>>()};
    if (reader.ok()) {
      states_[group].count += count;
      states_[group].sum += sum;
      states_[group].squares += squares;
    }
    return reader.status();
  }

 private:
  Spread spread_;
};

struct FloatSquares {
  uint64_t count = 0;
  FloatSum sum;
  FloatSum squares;  // of the squares as rounded to float64
  FloatSum rests;    // of what that rounding took, which is a float64 each
};

// M = Q - S^2 / n with S, Q as pairs of doubles. A difference below the precision of a pair is none: all values are equal.
long double squared_deviations(const FloatSquares& state) {
  const auto n = static_cast<double>(state.count);
  const FloatSum sum = state.sum.normal();
  const FloatSum squares = state.squares.normal();
  if (!std::isfinite(sum.high))
    return NAN;
  // S^2 / n = q + (S^2 - q n) / n with q = S^2 / n rounded. S^2 and q n as pairs, by fused multiplication.
  const double s2 = sum.high * sum.high;
  const double s2_rest = std::fma(sum.high, sum.high, -s2) + 2 * sum.high * sum.low;
  const double q = s2 / n;
  const double qn = q * n;
  const double qn_rest = std::fma(q, n, -qn);
  const double q_rest = ((s2 - qn) + (s2_rest - qn_rest)) / n;
  const double m = (squares.high - q) + ((squares.low + state.rests.value()) - q_rest);
  return m > squares.high * 0x1p-96 ? m : std::isnan(m) ? m : 0;
}

class FloatVarianceStates final : public ArrayStates<FloatSquares> {
 public:
  explicit FloatVarianceStates(Spread spread) : spread_(spread) {}

  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    std::vector<RowError> errors;
    const std::span<const double> values = input.values->float64s();
    each_value(input, [&](size_t i) {
      const double x = values[i];
      const double square = x * x;
      FloatSquares more = states_[group_of_row[i]];
      const bool fits = std::isfinite(square) || !std::isfinite(x);
      if (!fits || !more.sum.add(x) || !more.squares.add(square)) [[unlikely]] {
        errors.push_back({i, "the sum of the squares does not fit float64"});
        return;
      }
      if (std::isfinite(square))
        more.rests.add(std::fma(x, x, -square));
      ++more.count;
      states_[group_of_row[i]] = more;
    });
    return errors;
  }
  void append_result(size_t group, ColumnBuilder& out) const override {
    const FloatSquares& state = states_[group];
    const auto result = spread_of(state.count ? squared_deviations(state) : 0, state.count, spread_);
    result ? out.append_float64(*result) : out.append_null();
  }
  void encode(size_t group, std::string& out) const override {
    const FloatSquares& state = states_[group];
    put_fixed<uint8_t>(12, out);
    put_varint(state.count, out);
    for (const FloatSum& sum : {state.sum, state.squares, state.rests})
      put_fixed(sum.normal().high, out), put_fixed(sum.normal().low, out);
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, 12);
    FloatSquares merged = states_[group];
    merged.count += reader.varint();
    bool fits = true;
    for (FloatSum* sum : {&merged.sum, &merged.squares, &merged.rests}) {
      FloatSum more;
      more.high = reader.fixed<double>();
      more.low = reader.fixed<double>();
      fits = sum->add(more) && fits;
    }
    if (reader.ok() && !fits)
      return invalid_argument("the sum of the squares does not fit float64");
    if (reader.ok())
      states_[group] = merged;
    return reader.status();
  }

 private:
  Spread spread_;
};

}  // namespace

std::unique_ptr<AggregateStates> make_variance_states(Type type, Spread spread) {
  if (type == Type::kInt64)
    return std::make_unique<IntVarianceStates>(spread);
  return std::make_unique<FloatVarianceStates>(spread);
}

}  // namespace penstock::sql
