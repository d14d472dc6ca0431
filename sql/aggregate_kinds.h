// The aggregate functions as one visible list: what each takes and gives, and what makes its states. Internal to the room;
// tests/sql/aggregate_kinds_test.cc walks the list.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sql/aggregate_states.h"
#include "sql/ast.h"
#include "sql/problem.h"

namespace penstock::sql {

/// A call's types, and its constant argument.
struct AggregateForm {
  Type value = Type::kInt64;
  std::optional<Type> order;  // of ORDER BY, or of the second computed argument
  bool distinct = false;
  bool descending = false;
  double constant = 0;
};

/// The last argument of some aggregates: the same for all rows.
enum class Constant { kNone, kFraction, kCount, kHalfLife };

struct AggregateKind {
  std::string_view name;
  std::string_view arguments;  // as written in messages: `x, at, half-life`
  size_t computed = 1;         // leading arguments that are computed for each row
  Constant constant = Constant::kNone;
  bool counts = false;  // a group without values gives 0, not null
  bool (*fits)(const AggregateForm&) = nullptr;
  std::string_view takes;  // the types, as written in messages
  Type (*result)(const AggregateForm&) = nullptr;
  std::unique_ptr<AggregateStates> (*make)(const AggregateForm&) = nullptr;
};

/// By name.
std::span<const AggregateKind> aggregate_kinds();
/// Null if there is none of that name.
const AggregateKind* aggregate_kind(std::string_view name);

/// The constant's value: a fraction, a count, or microseconds. Errors: it is not a constant, or not a possible one.
Checked<double> read_constant(const AggregateKind& kind, const Ast& ast);

}  // namespace penstock::sql
