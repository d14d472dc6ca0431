// `= <> < <= > >=` for each type with an order. Strings compare by their bytes (collation C), false is less than true, NaN
// equals NaN and is above all other numbers, as in PostgreSQL.
#pragma once

#include <string_view>

#include "sql/kernel.h"

namespace penstock::sql {

/// The kernel for two arguments of this type. Requires: `sign` is one of the six; the type is not json.
Kernel comparison(std::string_view sign, Type type);
bool is_comparison(std::string_view sign);

/// PostgreSQL's order of floats.
inline bool float_less(double a, double b) { return (a < b) | ((b != b) & (a == a)); }
inline bool float_equal(double a, double b) { return (a == b) | ((a != a) & (b != b)); }

}  // namespace penstock::sql
