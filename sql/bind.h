// Looks names and types up: from what was written to nodes that can be evaluated. Used for one expression, on one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/schema.h"
#include "sql/ast.h"
#include "sql/functions.h"
#include "sql/node.h"
#include "sql/problem.h"

namespace penstock::sql {

class Binder {
 public:
  /// `schema` must outlive the binder.
  explicit Binder(const Schema& schema) : schema_(schema) {}

  Checked<NodePtr> bind(const Ast& ast);

 private:
  // A literal in quotes, or NULL, is `unknown` until its surroundings give it a type; it has type string meanwhile.
  struct Bound {
    NodePtr node;  // null after a problem
    size_t offset = 0;
    bool unknown = false;
    Type type() const { return node->type(); }
  };
  using BoundList = std::vector<Bound>;

  Bound any(const Ast& ast);
  std::optional<BoundList> all(const std::vector<Ast>& list);
  Bound column(const Ast& ast);
  Bound cast(const Ast& ast);
  Bound choice(const Ast& ast);

  // bind_call.cc
  Bound call(const Ast& ast);
  Bound logic(const Ast& ast);
  Bound junction(const Ast& ast, std::vector<NodePtr> nodes);
  Bound comparison(const Ast& ast);
  Bound membership(const Ast& ast);
  Bound first_of(const Ast& ast);
  Bound null_if(const Ast& ast);
  Bound like(const Ast& ast);
  Bound concatenation(const Ast& ast);
  Bound function(const Ast& ast);
  Bound resolve(size_t offset, std::string_view name, BoundList args);

  // bind_time.cc
  std::optional<Bound> time_call(const Ast& ast);
  Bound shifted(const Ast& ast, const Ast& interval, const Ast& moment);
  Bound time_field(const Ast& ast);

  // Types
  Bound convert(const Bound& value, Type to);
  Bound explicit_cast(const Bound& value, Type to, size_t offset);
  /// All of one type, unknown literals and integers among floats converted; `what` begins the message otherwise.
  bool unify(BoundList& values, std::string_view what, size_t offset);
  Bound make(size_t offset, NodePtr node);
  Bound make_call(size_t offset, Type type, bool fails, bool nulls, Kernel kernel, const BoundList& args);
  Bound fail(size_t offset, std::string message, std::string hint = "");

  const Schema& schema_;
  std::optional<Problem> problem_;
};

}  // namespace penstock::sql
