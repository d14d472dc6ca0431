// decayed_sum(x, at, half-life) and decayed_count(at, half-life): the sum of x * 2^(-(latest - at) / half-life), as of the
// latest `at` of the group.
//
// Weights are counted forward from a fixed moment, as 2^(at / half-life), so that no row has to be decayed again and rows may
// come in any order (Source: Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay: A Practical Time Decay Model for Streaming
// Systems", ICDE 2009). With at = (k + f) half-lives, k whole: 2^f is computed, and 2^k is an exponent, kept relative to the
// largest k so far. Moving that is exact, and the sum has 106 bits, so order and division of the rows do not show.
#include <algorithm>

#include "sql/float_sum.h"
#include "sql/group_states.h"

namespace penstock::sql {
namespace {

struct Decayed {
  FloatSum sum;  // of x * 2^(at / half-life - unit)
  int64_t unit = 0;
  int64_t latest = INT64_MIN;  // none: the group is empty
};

// A power of two by which `value` is multiplied; far beyond the range of a double it makes no difference.
double scaled(double value, int64_t exponent) {
  return std::ldexp(value, static_cast<int>(std::clamp<int64_t>(exponent, -4096, 4096)));
}

template <bool kCount>
class DecayedStates final : public ArrayStates<Decayed> {
 public:
  explicit DecayedStates(int64_t half_life) : half_life_(half_life) {}

  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    if constexpr (kCount)
      return take(input, input.values->int64s(), group_of_row, [](size_t) { return 1.0; });
    else if (input.values->type() == Type::kInt64)
      return take(input, input.order->int64s(), group_of_row,
                  [x = input.values->int64s()](size_t i) { return static_cast<double>(x[i]); });
    else
      return take(input, input.order->int64s(), group_of_row,
                  [x = input.values->float64s()](size_t i) { return x[i]; });
  }

  void append_result(size_t group, ColumnBuilder& out) const override {
    const Decayed& state = states_[group];
    if (state.latest == INT64_MIN)
      kCount ? out.append_float64(0) : out.append_null();
    else
      out.append_float64(state.sum.value() / std::exp2(rest(state.latest)));
  }

  void encode(size_t group, std::string& out) const override {
    const Decayed& state = states_[group];
    put_fixed<uint8_t>(13, out);
    put_fixed(state.latest, out);
    put_fixed(state.sum.normal().high, out);
    put_fixed(state.sum.normal().low, out);
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, 13);
    Decayed more;
    more.latest = reader.fixed<int64_t>();
    more.sum.high = reader.fixed<double>();
    more.sum.low = reader.fixed<double>();
    if (!reader.ok() || more.latest == INT64_MIN)
      return reader.status();
    more.unit = whole(more.latest);
    if (!add(states_[group], more))
      return invalid_argument("the sum does not fit float64");
    return reader.status();
  }

 private:
  int64_t whole(int64_t at) const { return at / half_life_ - (at % half_life_ < 0); }
  double rest(int64_t at) const {
    return static_cast<double>(at - whole(at) * half_life_) / static_cast<double>(half_life_);
  }

  template <class Value>
  std::vector<RowError> take(const AggregateInput& input, std::span<const int64_t> times,
                             std::span<const uint32_t> group_of_row, Value value) {
    std::vector<RowError> errors;
    each_value(input, [&](size_t i) {
      const double x = value(i);
      const double weighted = x * std::exp2(rest(times[i]));
      const bool fits = std::isfinite(weighted) || !std::isfinite(x);
      if (!fits || !add(states_[group_of_row[i]], {{weighted, 0}, whole(times[i]), times[i]})) [[unlikely]]
        errors.push_back({i, "the sum does not fit float64"});
    });
    return errors;
  }

  static FloatSum moved(const FloatSum& sum, int64_t exponent) {
    return exponent == 0 ? sum : FloatSum{scaled(sum.high, exponent), scaled(sum.low, exponent)};
  }
  static bool add(Decayed& state, const Decayed& more) {
    if (state.latest == INT64_MIN)
      state.unit = more.unit;
    const int64_t unit = std::max(state.unit, more.unit);
    FloatSum sum = moved(state.sum, state.unit - unit);
    if (!sum.add(moved(more.sum, more.unit - unit)))
      return false;
    state = {sum, unit, std::max(state.latest, more.latest)};
    return true;
  }

  const int64_t half_life_;  // microseconds
};

}  // namespace

std::unique_ptr<AggregateStates> make_decayed_states(bool count, int64_t half_life) {
  if (count)
    return std::make_unique<DecayedStates<true>>(half_life);
  return std::make_unique<DecayedStates<false>>(half_life);
}

}  // namespace penstock::sql
