#include <algorithm>

#include "core/nearest.h"
#include "sql/aggregate.h"
#include "sql/bind.h"
#include "sql/branch.h"
#include "sql/compare.h"
#include "sql/like.h"
#include "sql/logic.h"

namespace penstock::sql {
namespace {

struct Refused {
  std::string_view name, reason, hint;
};
constexpr std::string_view kReplay = "is not supported: it would give another answer on replay";
constexpr Refused kRefused[] = {
    {"now", kReplay, "use the record's own timestamp column"},
    {"clock_timestamp", kReplay, "use the record's own timestamp column"},
    {"statement_timestamp", kReplay, "use the record's own timestamp column"},
    {"transaction_timestamp", kReplay, "use the record's own timestamp column"},
    {"random", kReplay, "use a column of the record"},
    {"gen_random_uuid", kReplay, "use a column of the record"},
    {"age", "is not supported: there are no intervals", "use extract(epoch FROM a - b), which is in seconds"},
    {"timezone", "(AT TIME ZONE) is not supported: timestamps are UTC", "add a constant interval"},
    {"nextval", "is not supported: there are no sequences", ""},
};

bool is_operator(std::string_view name) {
  return name == "neg" || name == "pos" || name.find_first_of("+-*/<>=~!@#%^&|`?") != std::string_view::npos;
}

std::string shown(std::string_view name) { return name == "neg" ? "-" : name == "pos" ? "+" : std::string(name); }

std::string signature(std::string_view name, const std::vector<Type>& types) {
  if (is_operator(name))
    return types.size() == 1
               ? shown(name) + " " + std::string(type_name(types[0]))
               : std::string(type_name(types[0])) + " " + shown(name) + " " + std::string(type_name(types[1]));
  std::string out = std::string(name) + "(";
  for (size_t i = 0; i < types.size(); ++i)
    out += (i == 0 ? "" : ", ") + std::string(type_name(types[i]));
  return out + ")";
}

}  // namespace

Binder::Bound Binder::call(const Ast& ast) {
  const std::string& name = ast.name;
  if (AggregateCall::is_aggregate(name))
    return fail(ast.offset, name + " is an aggregate and cannot stand here",
                "aggregate in a reduce stage, then compute with its result");
  if (ast.modified || ast.star)
    return fail(ast.offset, name + " is not an aggregate", "*, DISTINCT, ORDER BY and FILTER are for aggregates");
  if (name == "and" || name == "or" || name == "not" || name == "is true" || name == "is false" || name == "is unknown")
    return logic(ast);
  if (is_comparison(name) || name == "is distinct from")
    return ast.args.size() == 2 ? comparison(ast) : function(ast);
  if (name == "in")
    return membership(ast);
  if (name == "coalesce" || name == "greatest" || name == "least")
    return first_of(ast);
  if (name == "nullif")
    return null_if(ast);
  if (name == "like" || name == "ilike")
    return like(ast);
  if ((name == "||" && ast.args.size() == 2) || name == "concat")
    return concatenation(ast);
  if (name == "is null") {
    const Bound value = any(ast.args[0]);
    return problem_ ? Bound{} : make(ast.offset, make_is_null(value.node));
  }
  if (auto bound = time_call(ast))
    return *bound;
  return problem_ ? Bound{} : function(ast);
}

Binder::Bound Binder::logic(const Ast& ast) {
  std::vector<NodePtr> nodes;
  for (const Ast& arg : ast.args) {
    Bound value = any(arg);
    if (problem_)
      return {};
    if (value.unknown)
      value = convert(value, Type::kBool);
    if (problem_)
      return {};
    std::string what = ast.name;
    std::transform(what.begin(), what.end(), what.begin(), [](unsigned char c) { return std::toupper(c); });
    if (value.type() != Type::kBool)
      return fail(value.offset, what + " needs a bool, not a " + std::string(type_name(value.type())),
                  "compare it with something");
    nodes.push_back(value.node);
  }
  if (ast.name == "and" || ast.name == "or")
    return junction(ast, std::move(nodes));
  if (ast.name == "is unknown")
    return make(ast.offset, make_is_null(nodes[0]));
  if (ast.name != "not")
    return make(ast.offset, make_is(nodes[0], ast.name == "is true"));
  if (is_null_constant(nodes[0]))
    return {nodes[0], ast.offset, false};
  return make(ast.offset, make_not(nodes[0]));
}

// As PostgreSQL, a constant that decides does so whatever the other parts are, and one that cannot is left out.
Binder::Bound Binder::junction(const Ast& ast, std::vector<NodePtr> nodes) {
  const bool decisive = ast.name == "or";
  for (const NodePtr& node : nodes)
    if (const ConstantNode* known = constant_of(node);
        known && !known->value().null && known->value().boolean == decisive)
      return {node, ast.offset, false};
  std::erase_if(nodes, [](const NodePtr& node) { return constant_of(node) && !is_null_constant(node); });
  if (nodes.empty())
    return {std::make_shared<ConstantNode>(Type::kBool, ConstantNode::Value{.boolean = !decisive, .text = {}}),
            ast.offset, false};
  return nodes.size() == 1 ? Bound{nodes[0], ast.offset, false}
                           : make(ast.offset, decisive ? make_or(nodes) : make_and(nodes));
}

Binder::Bound Binder::comparison(const Ast& ast) {
  auto args = all(ast.args);
  if (!args || !unify(*args, "cannot compare", ast.offset))
    return {};
  if (args->front().type() == Type::kJson)
    return fail(ast.offset, "json values cannot be compared", "compare a part of it as text: column ->> 'key'");
  if (ast.name == "is distinct from")
    return make(ast.offset, make_is_distinct((*args)[0].node, (*args)[1].node));
  return make_call(ast.offset, Type::kBool, false, false, sql::comparison(ast.name, args->front().type()), *args);
}

Binder::Bound Binder::membership(const Ast& ast) {
  auto args = all(ast.args);
  if (!args || !unify(*args, "IN cannot compare", ast.offset))
    return {};
  if (args->front().type() == Type::kJson)
    return fail(ast.offset, "json values cannot be compared", "compare a part of it as text: column ->> 'key'");
  if (is_null_constant(args->front().node))
    return {null_constant(Type::kBool), ast.offset, false};
  std::vector<NodePtr> items;
  for (size_t i = 1; i < args->size(); ++i)
    items.push_back((*args)[i].node);
  if (std::all_of(items.begin(), items.end(), [](const NodePtr& item) { return constant_of(item) != nullptr; }))
    return make(ast.offset, make_in(args->front().node, items));
  std::vector<NodePtr> equal;
  for (size_t i = 1; i < args->size(); ++i)
    equal.push_back(make_call(ast.offset, Type::kBool, false, false, sql::comparison("=", args->front().type()),
                              {args->front(), (*args)[i]})
                        .node);
  return make(ast.offset, make_or(equal));
}

Binder::Bound Binder::first_of(const Ast& ast) {
  auto args = all(ast.args);
  if (!args || !unify(*args, "the values of " + ast.name + " have the types", ast.offset))
    return {};
  if (args->front().type() == Type::kJson && ast.name != "coalesce")
    return fail(ast.offset, "json values cannot be compared", "compare a part of it as text: column ->> 'key'");
  std::vector<NodePtr> nodes;
  for (const Bound& arg : *args)
    if (!is_null_constant(arg.node) || args->size() == 1)
      nodes.push_back(arg.node);
  const bool decided = ast.name == "coalesce" && !nodes.empty() && constant_of(nodes[0]);
  if (nodes.size() < 2 || decided)
    return {nodes.empty() ? args->front().node : nodes[0], ast.offset, false};
  return make(ast.offset, ast.name == "coalesce" ? make_coalesce(nodes) : make_extreme(ast.name == "greatest", nodes));
}

Binder::Bound Binder::null_if(const Ast& ast) {
  Bound value = any(ast.args[0]);
  Ast equal = ast;
  equal.name = "=";
  const Bound condition = problem_ ? Bound{} : comparison(equal);
  if (problem_)
    return {};
  if (value.unknown)
    value = convert(value, Type::kString);
  return make(ast.offset, make_case({condition.node}, {null_constant(value.type())}, value.node));
}

Binder::Bound Binder::like(const Ast& ast) {
  auto args = all(ast.args);
  if (!args)
    return {};
  for (Bound& arg : *args) {
    if (arg.unknown)
      arg = convert(arg, Type::kString);
    if (arg.type() != Type::kString)
      return fail(arg.offset, "LIKE needs strings, not a " + std::string(type_name(arg.type())),
                  "cast it with ::string");
  }
  if (ast.name == "ilike")
    for (size_t i = 0; i < 2; ++i)
      (*args)[i] = resolve((*args)[i].offset, "lower", {(*args)[i]});
  const ConstantNode* pattern = constant_of((*args)[1].node);
  const ConstantNode* escape = args->size() == 3 ? constant_of((*args)[2].node) : nullptr;
  if (pattern && !pattern->value().null && (args->size() == 2 || (escape && !escape->value().null))) {
    const LikePattern compiled(pattern->value().text, escape ? std::string_view(escape->value().text) : "\\");
    if (compiled.problem())
      return fail((*args)[1].offset, compiled.problem());
  }
  return resolve(ast.offset, "like", std::move(*args));
}

// `||` takes anything if one side is a string; concat takes anything and skips nulls.
Binder::Bound Binder::concatenation(const Ast& ast) {
  auto args = all(ast.args);
  if (!args)
    return {};
  const bool skip_nulls = ast.name == "concat";
  const auto is_text = [](const Bound& arg) { return arg.type() == Type::kString; };
  if (args->empty())
    return fail(ast.offset, "concat needs an argument");
  if (!skip_nulls && std::none_of(args->begin(), args->end(), is_text))
    return function(ast);
  const Bound empty = {std::make_shared<ConstantNode>(Type::kString, ConstantNode::Value{.text = {}}), ast.offset,
                       false};
  Bound out;
  for (Bound& arg : *args) {
    Bound text = explicit_cast(arg, Type::kString, arg.offset);
    if (problem_)
      return {};
    if (skip_nulls && arg.type() == Type::kBool)  // concat writes t and f
      text = resolve(arg.offset, "left",
                     {text,
                      {std::make_shared<ConstantNode>(Type::kInt64, ConstantNode::Value{.integer = 1, .text = {}}),
                       arg.offset, false}});
    if (skip_nulls && text.node->nullable())
      text = is_null_constant(text.node) ? empty : make(arg.offset, make_coalesce({text.node, empty.node}));
    out = out.node ? resolve(ast.offset, "||", {out, text}) : text;
  }
  return out;
}

Binder::Bound Binder::function(const Ast& ast) {
  auto args = all(ast.args);
  return args ? resolve(ast.offset, ast.name, std::move(*args)) : Bound{};
}

// The overload that needs the fewest conversions; an unknown literal fits anything.
Binder::Bound Binder::resolve(size_t offset, std::string_view name, BoundList args) {
  if (problem_)
    return {};
  for (const Refused& refused : kRefused)
    if (refused.name == name)
      return fail(offset, std::string(name) + " " + std::string(refused.reason), std::string(refused.hint));
  const std::vector<const Function*> candidates = overloads(name);
  if (candidates.empty() && is_operator(name))
    return fail(offset, "the operator " + std::string(name) + " is not supported",
                "the operators are + - * / % ^ || = <> < <= > >= -> ->>");
  if (candidates.empty()) {
    const auto near = nearest(name, function_names());
    return fail(offset, "there is no function \"" + std::string(name) + "\"",
                near ? "did you mean " + *near + "?" : "");
  }
  const Function* best = nullptr;
  int best_cost = 0;
  for (const Function* candidate : candidates) {
    bool fits = candidate->args.size() == args.size();
    int cost = 0;
    for (size_t i = 0; fits && i < args.size(); ++i) {
      const bool widened = args[i].type() == Type::kInt64 && candidate->args[i] == Type::kFloat64;
      fits = args[i].unknown || args[i].type() == candidate->args[i] || widened;
      cost += !args[i].unknown && widened;
    }
    if (fits && (!best || cost < best_cost)) {
      best = candidate;
      best_cost = cost;
    }
  }
  if (!best) {
    std::vector<Type> given;
    for (const Bound& arg : args)
      given.push_back(arg.type());
    std::string hint;
    for (const Function* candidate : candidates)
      hint += (hint.empty() ? "there is " : ", ") + signature(name, candidate->args);
    return fail(offset, "there is no " + signature(name, given), hint + "; cast with ::");
  }
  for (size_t i = 0; i < args.size(); ++i)
    args[i] = convert(args[i], best->args[i]);
  if (problem_)
    return {};
  return make_call(offset, best->result, best->fails == Fails::kYes, best->nulls == Nulls::kMaybe, best->kernel, args);
}

}  // namespace penstock::sql
