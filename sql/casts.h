// CAST between types, and the types' names in SQL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/schema.h"
#include "sql/kernel.h"

namespace penstock::sql {

/// Penstock's names and PostgreSQL's: bool boolean; int64 int integer bigint; float64 `double precision` float8
/// numeric; string text varchar; timestamp timestamptz; json jsonb. Absent if there is no such type.
std::optional<Type> type_of_name(std::string_view name);
std::string supported_type_names();

struct Cast {
  Kernel kernel = nullptr;
  bool fails = false;
};
/// Absent if there is no cast between these different types.
std::optional<Cast> cast_between(Type from, Type to);

/// As PostgreSQL prints a double precision: `1e+20`, `0.1`, `100`.
std::string float_text(double value);

}  // namespace penstock::sql
