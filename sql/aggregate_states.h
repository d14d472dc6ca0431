// The states behind each aggregate, and what they share. Internal to the room.
//
// An encoded state, in the order of numbers that are never reused (kind says aggregate and format at once; integers are
// little-endian, `varint` is 7 bits a byte, lowest first, `text` is its varint length and its bytes):
//
//   state    := kind:u8 body
//   count    := 1  varint                              count
//   int sum  := 2  any:u8 sum:i64
//   float sum:= 3  any:u8 high:f64 low:f64             the sum is high + low
//   int avg  := 4  varint sum:i128                     count, sum
//   float avg:= 5  varint high:f64 low:f64             count, sum
//   extreme  := 6  any:u8 word:i64   |  7 any:u8 text  min or max; word orders as the value does
//   distinct := 8  varint word:i64*  |  9 varint text* count, the values in ascending order
//   pick     := 10 any:u8 value order                  first or last; value and order are a word, a text, or for order nothing
//   variance := 11 varint sum:i128 squares:u192        count, of integers
//            |  12 varint (high:f64 low:f64)*3         count, of floats: values, squares, what rounding took from the squares
//   decayed  := 13 latest:i64 high:f64 low:f64         sum of x 2^(at / half-life - floor(latest / half-life)); latest is the
//                                                      lowest i64 if there is no row
//   approx   := 14 varint varint*                      approx_count_distinct, sparse: count, entries as differences
//            |  15 u8*4096                             dense: the registers
//   quantile := 16 level varint bounds (key varint)*   level + 1, count; least and greatest:i64 if count > 0; key:i64 if level is
//                                                      -1, else varint, the difference to the key before (first: the lowest i64)
//   top k    := 17 varint (word:i64 varint)*  | 18 varint (text varint)*   count, values ascending with their counts
//   count_by := 19 varint (text varint)*               count, names ascending with their counts
#pragma once

#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>

#include "sql/aggregate.h"

namespace penstock::sql {

std::unique_ptr<AggregateStates> make_count_states();
/// Requires: int64 or float64.
std::unique_ptr<AggregateStates> make_sum_states(Type type);
std::unique_ptr<AggregateStates> make_average_states(Type type);
std::unique_ptr<AggregateStates> make_extreme_states(Type type, bool greatest);
std::unique_ptr<AggregateStates> make_distinct_states(Type type);
/// The value of the row with the smallest order, or the greatest, and of equals the first that arrived, or the last. `order`
/// is its type; without one all rows are equal.
std::unique_ptr<AggregateStates> make_pick_states(Type type, std::optional<Type> order, bool greatest, bool last);
struct Spread {
  bool sample;  // divided by n - 1, else by n
  bool root;    // the standard deviation
};
/// Requires: int64 or float64.
std::unique_ptr<AggregateStates> make_variance_states(Type type, Spread spread);
/// Weights halve every `half_life` microseconds; `at` is the input's order, or of a count its values. Requires: above 0.
std::unique_ptr<AggregateStates> make_decayed_states(bool count, int64_t half_life);
std::unique_ptr<AggregateStates> make_approx_distinct_states();
/// Requires: p from 0 to 1; values int64 or float64.
std::unique_ptr<AggregateStates> make_quantile_states(double p);
std::unique_ptr<AggregateStates> make_count_by_states();
std::unique_ptr<AggregateStates> make_top_k_states(Type type, size_t k);

/// Calls f(i) for each row of the input that FILTER kept and whose value (and order) is not null.
template <class F>
inline void each_value(const AggregateInput& input, F f) {
  const Column* values = input.values.get();
  const Column* order = input.order.get();
  const bool nulls = (values && values->has_nulls()) || (order && order->has_nulls());
  const auto present = [&](size_t i) { return !(values && values->is_null(i)) && !(order && order->is_null(i)); };
  if (input.kept) {
    for (const uint32_t i : *input.kept)
      if (!nulls || present(i))
        f(size_t{i});
  } else if (nulls) {
    for (size_t i = 0; i < input.rows; ++i)
      if (present(i))
        f(i);
  } else {
    for (size_t i = 0; i < input.rows; ++i)
      f(i);
  }
}

/// A float as an integer of the same order; one word for all NaN, above all numbers, and one for both zeros.
inline int64_t word_of_float(double value) {
  if (value != value)
    return INT64_MAX;
  const auto bits = std::bit_cast<int64_t>(value + 0.0);  // -0 + 0 is 0
  return bits >= 0 ? bits : bits ^ INT64_MAX;
}
inline double float_of_word(int64_t word) {
  return word == INT64_MAX ? NAN : std::bit_cast<double>(word >= 0 ? word : word ^ INT64_MAX);
}

/// Calls f with a function from row to the value's word. Requires: neither string nor json.
template <class F>
inline void with_words(const Column& column, F f) {
  if (column.type() == Type::kFloat64)
    f([values = column.float64s()](size_t i) { return word_of_float(values[i]); });
  else if (column.type() == Type::kBool)
    f([values = column.bools()](size_t i) { return int64_t{values[i]}; });
  else
    f([values = column.int64s()](size_t i) { return values[i]; });
}
void append_word(int64_t word, ColumnBuilder& out);
inline bool is_text(Type type) { return type == Type::kString || type == Type::kJson; }

void put_varint(uint64_t value, std::string& out);
inline void put_text(std::string_view text, std::string& out) { put_varint(text.size(), out), out.append(text); }
template <class T>
inline void put_fixed(T value, std::string& out) {
  static_assert(std::endian::native == std::endian::little);
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

/// Takes the parts of a state off the front of `bytes`; after a failure everything is zero and ok() false.
class StateReader {
 public:
  StateReader(std::string_view& bytes, uint8_t kind) : bytes_(bytes) { ok_ = fixed<uint8_t>() == kind && ok_; }

  template <class T>
  T fixed() {
    T value{};
    const std::string_view raw = take(sizeof(T));
    if (ok_)
      std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  uint64_t varint();
  std::string_view text() { return take(varint()); }
  std::string_view take(size_t size) {
    ok_ = ok_ && size <= bytes_.size();
    const std::string_view out = ok_ ? bytes_.substr(0, size) : std::string_view();
    bytes_.remove_prefix(out.size());
    return out;
  }
  /// What was read cannot be.
  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  Status status() const { return ok_ ? penstock::ok() : data_loss("an aggregate's stored state is broken"); }

 private:
  std::string_view& bytes_;
  bool ok_ = true;
};

}  // namespace penstock::sql
