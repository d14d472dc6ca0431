#include "sql/bind.h"

#include <algorithm>

#include "core/nearest.h"
#include "sql/branch.h"
#include "sql/casts.h"

namespace penstock::sql {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names)
    out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

Checked<NodePtr> Binder::bind(const Ast& ast) {
  const Bound bound = any(ast);
  if (problem_)
    return *problem_;
  return bound.node;
}

Binder::Bound Binder::fail(size_t offset, std::string message, std::string hint) {
  if (!problem_)
    problem_ = Problem{offset, std::move(message), std::move(hint)};
  return {};
}

Binder::Bound Binder::any(const Ast& ast) {
  using Kind = Ast::Kind;
  const auto constant = [&](Type type, ConstantNode::Value value, bool unknown = false) {
    return Bound{std::make_shared<ConstantNode>(type, std::move(value)), ast.offset, unknown};
  };
  if (problem_)
    return {};
  switch (ast.kind) {
    case Kind::kNull: return {null_constant(Type::kString), ast.offset, true};
    case Kind::kBool: return constant(Type::kBool, {.boolean = ast.boolean, .text = {}});
    case Kind::kInt: return constant(Type::kInt64, {.integer = ast.integer, .text = {}});
    case Kind::kFloat: return constant(Type::kFloat64, {.number = ast.number, .text = {}});
    case Kind::kString: return constant(Type::kString, {.text = ast.name}, true);
    case Kind::kColumn: return column(ast);
    case Kind::kCall: return call(ast);
    case Kind::kCast: return cast(ast);
    case Kind::kCase: return choice(ast);
  }
  return {};
}

std::optional<Binder::BoundList> Binder::all(const std::vector<Ast>& list) {
  BoundList out;
  for (const Ast& ast : list)
    out.push_back(any(ast));
  return problem_ ? std::nullopt : std::optional(std::move(out));
}

// PostgreSQL folds names without quotes to lower case; column names of JSON data are often in mixed case, so a name that is
// not there as such may differ in case, if only one does.
Binder::Bound Binder::column(const Ast& ast) {
  std::optional<size_t> index = schema_.index_of(ast.name);
  for (size_t i = 0; !index && i < schema_.size(); ++i) {
    const auto same = [&](const Field& field) { return equal_ignoring_case(field.name, ast.name); };
    if (same(schema_.field(i)) && std::count_if(schema_.fields().begin(), schema_.fields().end(), same) == 1)
      index = i;
  }
  if (!index) {
    const std::vector<std::string> names = schema_.names();
    const auto has_table = [](const std::string& name) { return name.find('.') != std::string::npos; };
    if (ast.qualified && std::none_of(names.begin(), names.end(), has_table))
      return fail(
          ast.offset, "a column is written without a table's name here",
          "write " + ast.name.substr(ast.name.rfind('.') + 1) + "; a key inside a json column is read with ->> 'key'");
    const auto near = nearest(ast.name, names);
    return fail(ast.offset, "there is no column \"" + ast.name + "\"",
                near ? "did you mean " + *near + "?" : "the columns are " + joined(names));
  }
  const Field& field = schema_.field(*index);
  return {std::make_shared<ColumnNode>(field.type, !field.required, *index), ast.offset, false};
}

Binder::Bound Binder::cast(const Ast& ast) {
  if (ast.name == "interval")
    return fail(ast.offset, "an interval can only be added to or subtracted from a timestamp",
                "write at + interval '5 minutes'");
  if (ast.name == "date")
    return fail(ast.offset, "the type date is not supported", "use timestamp, and date_trunc('day', at)");
  const auto type = type_of_name(ast.name);
  if (!type)
    return fail(ast.offset, "there is no type \"" + ast.name + "\"", "the types are " + supported_type_names());
  const Bound value = any(ast.args[0]);
  return problem_ ? Bound{} : explicit_cast(value, *type, ast.offset);
}

Binder::Bound Binder::explicit_cast(const Bound& value, Type to, size_t offset) {
  if (is_null_constant(value.node))
    return {null_constant(to), offset, false};
  if (value.type() == to)
    return {value.node, offset, false};
  if (value.unknown)
    return convert(value, to);
  const auto rule = cast_between(value.type(), to);
  if (!rule) {
    const bool from_json = value.type() == Type::kJson;
    const bool to_time = to == Type::kTimestamp && value.type() != Type::kBool;
    return fail(offset,
                "a " + std::string(type_name(value.type())) + " cannot be cast to " + std::string(type_name(to)),
                from_json ? "take the value as text first: (column ->> 'key')::" + std::string(type_name(to))
                : to_time ? "use to_timestamp(seconds)"
                          : "");
  }
  return make_call(offset, to, rule->fails, false, rule->kernel, {value});
}

// Implicitly: an unknown literal is read as the type, an int64 becomes a float64.
Binder::Bound Binder::convert(const Bound& value, Type to) {
  if (value.type() == to && !value.unknown)
    return value;
  if (is_null_constant(value.node))
    return {null_constant(to), value.offset, false};
  if (value.type() == to)
    return {value.node, value.offset, false};
  return make_call(value.offset, to, true, false, cast_between(value.type(), to)->kernel, {value});
}

bool Binder::unify(BoundList& values, std::string_view what, size_t offset) {
  std::optional<Type> type;
  for (const Bound& value : values) {
    if (value.unknown)
      continue;
    const auto number = [](Type t) { return t == Type::kInt64 || t == Type::kFloat64; };
    if (!type || *type == value.type()) {
      type = value.type();
    } else if (number(*type) && number(value.type())) {
      type = Type::kFloat64;
    } else {
      fail(offset,
           std::string(what) + " " + std::string(type_name(*type)) + " and " + std::string(type_name(value.type())),
           "cast one of them, such as x::" + std::string(type_name(*type)));
      return false;
    }
  }
  for (Bound& value : values)
    value = convert(value, type.value_or(Type::kString));
  return !problem_;
}

Binder::Bound Binder::choice(const Ast& ast) {
  std::vector<NodePtr> conditions;
  BoundList values;
  const size_t pairs = ast.args.size() / 2;
  for (size_t i = 0; i < pairs; ++i) {
    Bound condition = any(ast.args[2 * i]);
    if (problem_)
      return {};
    if (condition.unknown)
      condition = convert(condition, Type::kBool);
    if (!problem_ && condition.type() != Type::kBool)
      return fail(condition.offset, "WHEN needs a bool, not a " + std::string(type_name(condition.type())));
    conditions.push_back(condition.node);
    values.push_back(any(ast.args[2 * i + 1]));
  }
  if (ast.args.size() % 2 == 1)
    values.push_back(any(ast.args.back()));
  else
    values.push_back({null_constant(Type::kString), ast.offset, true});
  if (problem_ || !unify(values, "the values of CASE have the types", ast.offset))
    return {};
  // As PostgreSQL, a branch that is never taken is left out, and one that always is ends the list.
  NodePtr otherwise = values.back().node;
  std::vector<NodePtr> possible, nodes;
  for (size_t i = 0; i < pairs; ++i) {
    const ConstantNode* known = constant_of(conditions[i]);
    if (known && (known->value().null || !known->value().boolean))
      continue;
    if (known) {
      otherwise = values[i].node;
      break;
    }
    possible.push_back(conditions[i]);
    nodes.push_back(values[i].node);
  }
  if (possible.empty())
    return {otherwise, ast.offset, false};
  return make(ast.offset, make_case(std::move(possible), std::move(nodes), otherwise));
}

Binder::Bound Binder::make(size_t offset, NodePtr node) {
  Folded folded = fold(node);
  if (!folded.node)
    return fail(offset, folded.problem);
  return {std::move(folded.node), offset, false};
}

Binder::Bound Binder::make_call(size_t offset, Type type, bool fails, bool nulls, Kernel kernel,
                                const BoundList& args) {
  std::vector<NodePtr> nodes;
  bool nullable = nulls;
  for (const Bound& arg : args) {
    if (is_null_constant(arg.node))
      return {null_constant(type), offset, false};
    nullable = nullable || arg.node->nullable();
    nodes.push_back(arg.node);
  }
  return make(offset, std::make_shared<CallNode>(type, nullable, fails, kernel, std::move(nodes)));
}

}  // namespace penstock::sql
