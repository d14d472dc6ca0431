// A whole `SELECT items FROM stage WHERE ... GROUP BY ... ORDER BY ... LIMIT n`, taken apart into the texts of its expressions
// so that the planner can make the same filter, map, sort and reduce stages out of it that a user could have written. The texts are not bound
// to a schema here. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/problem.h"

namespace penstock::sql {

/// The text of an expression and its place in the whole: a problem at `inner` of the text is at offset + inner of the SELECT.
struct Text {
  std::string text;
  size_t offset = 0;
  bool operator==(const Text&) const = default;
};

struct SelectItem {
  Text expression;            // `*` when star
  std::string name;           // AS, or else as PostgreSQL names it: the column, the function, the type, `case`
  bool is_aggregate = false;  // a call of an aggregate
  bool star = false;
};

struct OrderItem {
  Text expression;  // an ordinal or an output name is replaced by the item's name
  bool descending = false;
  std::optional<bool> nulls_first;  // absent: PostgreSQL's default (last when ascending, first when descending)
  std::optional<size_t> item;       // the SELECT item it stands for, if it is one
};

struct Select {
  std::string from;
  size_t from_offset = 0;
  std::optional<Text> where;
  std::vector<SelectItem> items;
  std::vector<Text> group_by;  // an ordinal or an output name is replaced by the item's expression
  std::vector<OrderItem> order_by;
  std::optional<int64_t> limit;
};

/// Errors: syntax; anything but the form above (joins, subqueries, DISTINCT, HAVING, windows, UNION ...), at its place,
/// with what to use instead; an ordinal outside the list; an aggregate inside another expression or in WHERE or GROUP BY; an item
/// that is neither grouped by nor an aggregate where there is grouping.
Checked<Select> parse_select(std::string_view text);

}  // namespace penstock::sql
