// A kernel computes one function for a whole batch. The helpers below make one out of a plain function on values.
//
// Kernels may compute rows that are null (placeholders are valid values) but report no error for them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sql/context.h"
#include "sql/vector.h"

namespace penstock::sql {

/// A call of a kernel on the arguments' values. No argument is a null constant.
struct Call {
  Context& context;
  const Rows& rows;
  std::span<const Vector> args;
  const uint64_t* validity;  // the rows where no argument is null; null: all

  bool valid(size_t row) const { return !validity || ((validity[row >> 6] >> (row & 63)) & 1); }
  void error(size_t row, std::string message) const {
    if (valid(row))
      context.error(row, std::move(message));
  }
};

using Kernel = Vector (*)(const Call&);

template <class T>
inline void set_values(Vector& v, const T* values) {
  if constexpr (std::is_same_v<T, uint8_t>)
    v.bools = values;
  else if constexpr (std::is_same_v<T, int64_t>)
    v.ints = values;
  else if constexpr (std::is_same_v<T, double>)
    v.floats = values;
  else
    v.views = values;
}

template <class T>
inline constexpr Type kTypeOf = std::is_same_v<T, uint8_t>   ? Type::kBool
                                : std::is_same_v<T, int64_t> ? Type::kInt64
                                : std::is_same_v<T, double>  ? Type::kFloat64
                                                             : Type::kString;

template <class T>
inline Vector vector_of(const T* values, Type type = kTypeOf<T>) {
  Vector out;
  out.type = type;
  set_values(out, values);
  return out;
}

/// out[row] = f(a[row]), in a loop without branches of ours.
template <class Out, class A, class F>
inline Vector map(const Call& call, F f, Type type = kTypeOf<Out>) {
  Out* out = call.context.column<Out>();
  access<A>(call.args[0], [&](auto a) { each(call.rows, [&](size_t row) { out[row] = f(a[row]); }); });
  return vector_of(out, type);
}

/// out[row] = f(a[row], b[row]), one loop for each of column and constant on either side.
template <class Out, class A, class B, class F>
inline Vector map(const Call& call, F f, Type type = kTypeOf<Out>) {
  Out* out = call.context.column<Out>();
  access<A>(call.args[0], [&](auto a) {
    access<B>(call.args[1], [&](auto b) { each(call.rows, [&](size_t row) { out[row] = f(a[row], b[row]); }); });
  });
  return vector_of(out, type);
}

/// Calls f with a reader for each argument.
template <class... In, class F>
inline void with_readers(const Call& call, F f) {
  [&]<size_t... kIndex>(std::index_sequence<kIndex...>) { f(Reader<In>(call.args[kIndex])...); }
  (std::index_sequence_for<In...>());
}

/// A function that may fail writes its value and returns null, or returns why there is none.
/// out[row] = f(args[row]..., out), for any number of arguments.
template <class Out, class... In, class F>
inline Vector try_map(const Call& call, F f, Type type = kTypeOf<Out>) {
  Out* out = call.context.column<Out>();
  with_readers<In...>(call, [&](const auto&... reader) {
    each(call.rows, [&](size_t row) {
      out[row] = Out{};
      if (const char* problem = f(reader[row]..., out[row]); problem) [[unlikely]]
        call.error(row, problem);
    });
  });
  return vector_of(out, type);
}

/// out[row] = f(args[row]...) for any number of arguments of any kind.
template <class Out, class... In, class F>
inline Vector map_all(const Call& call, F f, Type type = kTypeOf<Out>) {
  Out* out = call.context.column<Out>();
  with_readers<In...>(
      call, [&](const auto&... reader) { each(call.rows, [&](size_t row) { out[row] = f(reader[row]...); }); });
  return vector_of(out, type);
}

}  // namespace penstock::sql
