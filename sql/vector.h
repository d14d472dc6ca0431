// Values of one (sub-)expression while a batch is evaluated, indexed by the batch's physical rows: only the rows that were asked
// for hold something. Points into the batch, into the expression's constants or into the arena of the evaluation, and lives
// as long as these.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "messages/column.h"
#include "messages/schema.h"

namespace penstock::sql {

struct Vector {
  Type type = Type::kBool;
  bool constant = false;               // the value of every row is at index 0
  bool null = false;                   // of a constant
  const uint64_t* validity = nullptr;  // one bit a physical row; null means that no row is null
  // Those of its type are set. A string or json has either views, or offsets and bytes.
  const uint8_t* bools = nullptr;
  const int64_t* ints = nullptr;  // int64, timestamp
  const double* floats = nullptr;
  const std::string_view* views = nullptr;
  const uint32_t* offsets = nullptr;
  const char* bytes = nullptr;

  bool is_null(size_t row) const { return null || (validity && !((validity[row >> 6] >> (row & 63)) & 1)); }
};

/// The rows to compute: some ascending physical rows, or all of them.
struct Rows {
  const uint32_t* index = nullptr;  // null: all
  size_t count = 0;
  size_t physical = 0;

  size_t operator[](size_t i) const { return index ? index[i] : i; }
};

/// Calls f(physical row) for each.
template <class F>
inline void each(const Rows& rows, F&& f) {
  if (rows.index) {
    for (size_t i = 0; i < rows.count; ++i)
      f(static_cast<size_t>(rows.index[i]));
  } else {
    for (size_t i = 0; i < rows.count; ++i)
      f(i);
  }
}

// What kernels read values through: the compiler sees a plain array or a constant.
template <class T>
struct Dense {
  const T* values;
  T operator[](size_t row) const { return values[row]; }
};
template <class T>
struct Const {
  T value;
  T operator[](size_t) const { return value; }
};
struct Strings {
  const uint32_t* offsets;
  const char* bytes;
  std::string_view operator[](size_t row) const { return {bytes + offsets[row], offsets[row + 1] - offsets[row]}; }
};

template <class T>
inline const T* values_of(const Vector& v) {
  if constexpr (std::is_same_v<T, uint8_t>)
    return v.bools;
  else if constexpr (std::is_same_v<T, int64_t>)
    return v.ints;
  else if constexpr (std::is_same_v<T, double>)
    return v.floats;
  else
    return v.views;
}

/// Calls f with the accessor that fits the vector.
template <class T, class F>
inline decltype(auto) access(const Vector& v, F&& f) {
  if (v.constant)
    return f(Const<T>{values_of<T>(v)[0]});
  if constexpr (std::is_same_v<T, std::string_view>) {
    if (!v.views)
      return f(Strings{v.offsets, v.bytes});
  }
  return f(Dense<T>{values_of<T>(v)});
}

/// Reads any vector with one (well predicted) branch a value: for kernels whose work outweighs it.
template <class T>
class Reader {
 public:
  explicit Reader(const Vector& v) : v_(v) {}
  T operator[](size_t row) const {
    if (v_.constant)
      row = 0;
    if constexpr (std::is_same_v<T, std::string_view>) {
      if (!v_.views)
        return {v_.bytes + v_.offsets[row], v_.offsets[row + 1] - v_.offsets[row]};
    }
    return values_of<T>(v_)[row];
  }

 private:
  Vector v_;
};

}  // namespace penstock::sql
