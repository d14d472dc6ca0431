#include "sql/compare.h"

namespace penstock::sql {
namespace {

struct Equal {
  template <class T>
  uint8_t operator()(T a, T b) const {
    if constexpr (std::is_same_v<T, double>)
      return float_equal(a, b);
    else
      return a == b;
  }
};

struct Less {
  template <class T>
  uint8_t operator()(T a, T b) const {
    if constexpr (std::is_same_v<T, double>)
      return float_less(a, b);
    else
      return a < b;
  }
};

template <class F>
struct Negated {
  template <class T>
  uint8_t operator()(T a, T b) const {
    return !F{}(a, b);
  }
};

template <class F>
struct Swapped {
  template <class T>
  uint8_t operator()(T a, T b) const {
    return F{}(b, a);
  }
};

template <class T, class F>
Vector compare(const Call& call) {
  return map<uint8_t, T, T>(call, F{});
}

template <class F>
Kernel of_type(Type type) {
  switch (type) {
    case Type::kBool: return compare<uint8_t, F>;
    case Type::kInt64:
    case Type::kTimestamp: return compare<int64_t, F>;
    case Type::kFloat64: return compare<double, F>;
    case Type::kString:
    case Type::kJson: return compare<std::string_view, F>;
  }
  return nullptr;
}

}  // namespace

bool is_comparison(std::string_view sign) {
  return sign == "=" || sign == "<>" || sign == "<" || sign == ">" || sign == "<=" || sign == ">=";
}

Kernel comparison(std::string_view sign, Type type) {
  if (sign == "=")
    return of_type<Equal>(type);
  if (sign == "<>")
    return of_type<Negated<Equal>>(type);
  if (sign == "<")
    return of_type<Less>(type);
  if (sign == ">=")
    return of_type<Negated<Less>>(type);
  if (sign == ">")
    return of_type<Swapped<Less>>(type);
  return of_type<Negated<Swapped<Less>>>(type);
}

}  // namespace penstock::sql
