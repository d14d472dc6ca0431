// What was written: an expression as a tree, before names and types are looked up. Spellings that mean the same are the same
// here: `x BETWEEN 1 AND 2` is `x >= 1 AND x <= 2`, `CASE x WHEN 1 THEN ...` is `CASE WHEN x = 1 THEN ...`, `!=` is `<>`.
// Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace penstock::sql {

struct Ast {
  enum class Kind {
    kNull,
    kBool,    // boolean
    kInt,     // integer
    kFloat,   // number
    kString,  // name
    kColumn,  // name
    kCall,    // name(args): a function or an operator, see below
    kCast,    // args[0] to the type called name
    kCase,    // args: condition, value, condition, value, ..., and last the ELSE value if there is one
  };
  Kind kind = Kind::kNull;
  size_t offset = 0;  // byte in the text; of an operator, where the operator stands

  // Of a call: the function's name in lower case, or an operator as written (`neg` is the unary minus), or one of
  // and or not in like ilike coalesce greatest least nullif, `is null` `is true` `is false` `is distinct from`.
  std::string name;  // of a column with a table's name before it: both, parted by a dot
  std::vector<Ast> args;
  bool qualified = false;  // a column with a table's name before it
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;

  // Of a call of an aggregate.
  bool star = false;
  bool distinct = false;
  std::vector<Ast> filter;  // at most one
  std::vector<Ast> order;   // at most one
  bool descending = false;
  bool modified = false;  // any of distinct, filter, order
};

}  // namespace penstock::sql
