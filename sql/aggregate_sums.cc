// count, sum and avg.
#include "sql/float_sum.h"
#include "sql/group_states.h"

namespace penstock::sql {
namespace {

using int128 = __int128;

class CountStates final : public ArrayStates<int64_t> {
 public:
  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    int64_t* counts = states_.data();
    each_value(input, [&](size_t i) { ++counts[group_of_row[i]]; });
    return {};
  }
  void append_result(size_t group, ColumnBuilder& out) const override { out.append_int64(states_[group]); }
  void encode(size_t group, std::string& out) const override {
    put_fixed<uint8_t>(1, out);
    put_varint(static_cast<uint64_t>(states_[group]), out);
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, 1);
    states_[group] += static_cast<int64_t>(reader.varint());
    return reader.status();
  }
};

struct IntSum {
  int64_t sum = 0;
  bool any = false;
};
class IntSumStates final : public ArrayStates<IntSum> {
 public:
  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    std::vector<RowError> errors;
    const std::span<const int64_t> values = input.values->int64s();
    each_value(input, [&](size_t i) {
      IntSum& state = states_[group_of_row[i]];
      int64_t sum = 0;
      if (__builtin_add_overflow(state.sum, values[i], &sum)) [[unlikely]]
        errors.push_back({i, "the sum does not fit int64"});
      else
        state = {sum, true};
    });
    return errors;
  }
  void append_result(size_t group, ColumnBuilder& out) const override {
    states_[group].any ? out.append_int64(states_[group].sum) : out.append_null();
  }
  void encode(size_t group, std::string& out) const override {
    put_fixed<uint8_t>(2, out);
    put_fixed<uint8_t>(states_[group].any, out);
    put_fixed(states_[group].sum, out);
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, 2);
    const bool any = reader.fixed<uint8_t>() != 0;
    const auto more = reader.fixed<int64_t>();
    int64_t sum = 0;
    if (__builtin_add_overflow(states_[group].sum, more, &sum))
      return invalid_argument("the sum does not fit int64");
    states_[group] = {sum, states_[group].any || any};
    return reader.status();
  }
};

struct CountedFloatSum {
  FloatSum sum;
  uint64_t count = 0;
};

template <bool kAverage>
class FloatStates final : public ArrayStates<CountedFloatSum> {
 public:
  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    std::vector<RowError> errors;
    const std::span<const double> values = input.values->float64s();
    each_value(input, [&](size_t i) {
      CountedFloatSum& state = states_[group_of_row[i]];
      if (state.sum.add(values[i])) [[likely]]
        ++state.count;
      else
        errors.push_back({i, "the sum does not fit float64"});
    });
    return errors;
  }
  void append_result(size_t group, ColumnBuilder& out) const override {
    const CountedFloatSum& state = states_[group];
    if (state.count == 0)
      out.append_null();
    else
      out.append_float64(kAverage ? state.sum.value() / static_cast<double>(state.count) : state.sum.value());
  }
  void encode(size_t group, std::string& out) const override {
    const CountedFloatSum& state = states_[group];
    put_fixed<uint8_t>(kAverage ? 5 : 3, out);
    if (kAverage)
      put_varint(state.count, out);
    else
      put_fixed<uint8_t>(state.count > 0, out);
    const FloatSum sum = state.sum.normal();
    put_fixed(sum.high, out);
    put_fixed(sum.low, out);
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, kAverage ? 5 : 3);
    const uint64_t count = kAverage ? reader.varint() : reader.fixed<uint8_t>();
    const auto high = reader.fixed<double>();
    const auto low = reader.fixed<double>();
    CountedFloatSum merged = states_[group];
    if (!merged.sum.add(FloatSum{high, low}))
      return invalid_argument("the sum does not fit float64");
    merged.count += count;
    if (reader.ok())
      states_[group] = merged;
    return reader.status();
  }
};

struct IntAverage {
  int128 sum = 0;
  uint64_t count = 0;
};
class IntAverageStates final : public ArrayStates<IntAverage> {
 public:
  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    const std::span<const int64_t> values = input.values->int64s();
    each_value(input, [&](size_t i) {
      IntAverage& state = states_[group_of_row[i]];
      state.sum += values[i];
      ++state.count;
    });
    return {};
  }
  void append_result(size_t group, ColumnBuilder& out) const override {
    const IntAverage& state = states_[group];
    if (state.count == 0)
      out.append_null();
    else
      out.append_float64(
          static_cast<double>(static_cast<long double>(state.sum) / static_cast<long double>(state.count)));
  }
  void encode(size_t group, std::string& out) const override {
    put_fixed<uint8_t>(4, out);
    put_varint(states_[group].count, out);
    put_fixed(states_[group].sum, out);
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, 4);
    const uint64_t count = reader.varint();
    const auto sum = reader.fixed<int128>();
    if (reader.ok())
      states_[group] = {states_[group].sum + sum, states_[group].count + count};
    return reader.status();
  }
};

}  // namespace

std::unique_ptr<AggregateStates> make_count_states() { return std::make_unique<CountStates>(); }

std::unique_ptr<AggregateStates> make_sum_states(Type type) {
  if (type == Type::kInt64)
    return std::make_unique<IntSumStates>();
  return std::make_unique<FloatStates<false>>();
}

std::unique_ptr<AggregateStates> make_average_states(Type type) {
  if (type == Type::kInt64)
    return std::make_unique<IntAverageStates>();
  return std::make_unique<FloatStates<true>>();
}

}  // namespace penstock::sql
