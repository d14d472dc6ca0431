// Ids of users, items and decisions as text, whatever the type of their column.
#pragma once

#include <string>

#include "messages/column.h"

namespace penstock {

/// Requires: the column is a string or int64, and not null there.
inline std::string id_text(const Column& column, size_t row) {
  return column.type() == Type::kInt64 ? std::to_string(column.int64s()[row]) : std::string(column.string(row));
}

}  // namespace penstock
