// + - * / % and the sign, with PostgreSQL's meaning: integer division truncates towards zero, and what leaves the type
// is an error of the row, as is division by zero.
#include <cmath>
#include <limits>

#include "sql/functions.h"

namespace penstock::sql {
namespace {

constexpr const char* kIntegerRange = "the result does not fit int64";
constexpr const char* kFloatOverflow = "the result does not fit float64 (overflow)";
constexpr const char* kDivisionByZero = "division by zero";

// Each operation says in `bad` whether it failed; the reason is looked for only when one did.
struct Add {
  static int64_t apply(int64_t a, int64_t b, bool& bad) {
    const auto sum = static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    bad = ((a ^ sum) & (b ^ sum)) < 0;
    return sum;
  }
  static double apply(double a, double b, bool& bad) {
    const double sum = a + b;
    bad = std::isinf(sum) & !std::isinf(a) & !std::isinf(b);
    return sum;
  }
  template <class T>
  static const char* reason(T, T) {
    return std::is_same_v<T, double> ? kFloatOverflow : kIntegerRange;
  }
};

struct Subtract : Add {
  static int64_t apply(int64_t a, int64_t b, bool& bad) {
    const auto difference = static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
    bad = ((a ^ b) & (a ^ difference)) < 0;
    return difference;
  }
  static double apply(double a, double b, bool& bad) { return Add::apply(a, -b, bad); }
};

struct Multiply : Add {
  static int64_t apply(int64_t a, int64_t b, bool& bad) {
    int64_t product = 0;
    bad = __builtin_mul_overflow(a, b, &product);
    return product;
  }
  static double apply(double a, double b, bool& bad) {
    const double product = a * b;
    bad = (std::isinf(product) & !std::isinf(a) & !std::isinf(b)) | ((product == 0) & (a != 0) & (b != 0));
    return product;
  }
  template <class T>
  static const char* reason(T a, T b) {
    if constexpr (std::is_same_v<T, double>)
      return a * b == 0 ? "the result is too small for float64 (underflow)" : kFloatOverflow;
    return kIntegerRange;
  }
};

struct Divide {
  static int64_t apply(int64_t a, int64_t b, bool& bad) {
    bad = b == 0 || (b == -1 && a == std::numeric_limits<int64_t>::min());
    return bad ? 0 : a / b;
  }
  static double apply(double a, double b, bool& bad) {
    bad = ((b == 0) & (a == a)) | (b == 0);
    // Division by zero is what IEEE 754 defines; undefined behaviour sanitizers object to it all the same.
    const double quotient = a / (b == 0 ? 1.0 : b);
    bad |= (std::isinf(quotient) & !std::isinf(a)) | ((quotient == 0) & (a != 0) & !std::isinf(b));
    bad &= !((b == 0) & (a != a));
    return a != a ? a : quotient;
  }
  template <class T>
  static const char* reason(T a, T b) {
    if (b == 0)
      return kDivisionByZero;
    if constexpr (std::is_same_v<T, double>)
      return a / b == 0 ? "the result is too small for float64 (underflow)" : kFloatOverflow;
    return kIntegerRange;
  }
};

struct Remainder {
  static int64_t apply(int64_t a, int64_t b, bool& bad) {
    bad = b == 0;
    return b == 0 || b == -1 ? 0 : a % b;
  }
  static double apply(double a, double b, bool& bad) {
    bad = (b == 0) & (a == a);
    return b == 0 ? a : std::fmod(a, b);
  }
  template <class T>
  static const char* reason(T, T) {
    return kDivisionByZero;
  }
};

template <class Operation, class T>
Vector binary(const Call& call) {
  T* out = call.context.column<T>();
  bool any_bad = false;
  access<T>(call.args[0], [&](auto a) {
    access<T>(call.args[1], [&](auto b) {
      each(call.rows, [&](size_t row) {
        bool bad = false;
        out[row] = Operation::apply(a[row], b[row], bad);
        any_bad |= bad;
      });
    });
  });
  if (any_bad) [[unlikely]] {
    const Reader<T> a(call.args[0]);
    const Reader<T> b(call.args[1]);
    each(call.rows, [&](size_t row) {
      bool bad = false;
      Operation::apply(a[row], b[row], bad);
      if (bad) {
        out[row] = 0;
        call.error(row, Operation::reason(a[row], b[row]));
      }
    });
  }
  return vector_of(out);
}

Vector negate_int(const Call& call) {
  return try_map<int64_t, int64_t>(call, [](int64_t value, int64_t& out) -> const char* {
    return __builtin_sub_overflow(int64_t{0}, value, &out) ? kIntegerRange : nullptr;
  });
}
Vector negate_float(const Call& call) {
  return map<double, double>(call, [](double value) { return -value; });
}
Vector same(const Call& call) { return call.args[0]; }

}  // namespace

std::span<const Function> arithmetic_functions() {
  using enum Type;
  using enum Fails;
  static const std::vector<Function> list = {
      {"+", {kInt64, kInt64}, kInt64, binary<Add, int64_t>, kYes},
      {"+", {kFloat64, kFloat64}, kFloat64, binary<Add, double>, kYes},
      {"-", {kInt64, kInt64}, kInt64, binary<Subtract, int64_t>, kYes},
      {"-", {kFloat64, kFloat64}, kFloat64, binary<Subtract, double>, kYes},
      {"*", {kInt64, kInt64}, kInt64, binary<Multiply, int64_t>, kYes},
      {"*", {kFloat64, kFloat64}, kFloat64, binary<Multiply, double>, kYes},
      {"/", {kInt64, kInt64}, kInt64, binary<Divide, int64_t>, kYes},
      {"/", {kFloat64, kFloat64}, kFloat64, binary<Divide, double>, kYes},
      {"%", {kInt64, kInt64}, kInt64, binary<Remainder, int64_t>, kYes},
      {"%", {kFloat64, kFloat64}, kFloat64, binary<Remainder, double>, kYes},
      {"mod", {kInt64, kInt64}, kInt64, binary<Remainder, int64_t>, kYes},
      {"mod", {kFloat64, kFloat64}, kFloat64, binary<Remainder, double>, kYes},
      {"neg", {kInt64}, kInt64, negate_int, kYes},
      {"neg", {kFloat64}, kFloat64, negate_float},
      {"pos", {kInt64}, kInt64, same},
      {"pos", {kFloat64}, kFloat64, same},
  };
  return list;
}

}  // namespace penstock::sql
