#include "sql/ast_reader.h"

#include <charconv>

namespace penstock::sql {
namespace {

// Deep enough for anything written by hand; shallow enough for every later recursion over the tree.
constexpr int kMaxDepth = 200;
// Spellings that repeat an operand would otherwise grow without bound when nested.
constexpr size_t kMaxRepeated = 100'000;

std::string last_name(const rapidjson::Value& names) {
  return std::string(string(names[names.Size() - 1]["String"], "sval"));
}

size_t count(const Ast& ast) {
  size_t total = 1;
  for (const Ast& arg : ast.args)
    total += count(arg);
  return total;
}

Ast negation(Ast inner) {
  Ast out;
  out.kind = Ast::Kind::kCall;
  out.offset = inner.offset;
  out.name = "not";
  out.args.push_back(std::move(inner));
  return out;
}

}  // namespace

const rapidjson::Value* member(const rapidjson::Value& object, const char* name) {
  if (!object.IsObject())
    return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

int64_t integer(const rapidjson::Value& object, const char* name, int64_t missing) {
  const auto* value = member(object, name);
  return value && value->IsInt64() ? value->GetInt64() : missing;
}

std::string_view string(const rapidjson::Value& object, const char* name) {
  const auto* value = member(object, name);
  return value && value->IsString() ? std::string_view(value->GetString(), value->GetStringLength())
                                    : std::string_view();
}

Checked<Ast> AstReader::read(const Json& node) {
  Ast ast = any(node);
  if (problem_)
    return *problem_;
  return ast;
}

Ast AstReader::fail(size_t offset, std::string message, std::string hint) {
  if (!problem_)
    problem_ = Problem{offset, std::move(message), std::move(hint)};
  return {};
}

size_t AstReader::offset_of(const Json& node) const {
  const auto location = static_cast<size_t>(std::max<int64_t>(0, integer(node, "location", 0)));
  return location - std::min(location, prefix_);
}

Ast AstReader::call(size_t offset, std::string name, std::vector<Ast> args) const {
  Ast out;
  out.kind = Ast::Kind::kCall;
  out.offset = offset;
  out.name = std::move(name);
  out.args = std::move(args);
  return out;
}

bool AstReader::repeat(const Ast& ast, size_t times) {
  repeated_ += count(ast) * times;
  if (repeated_ > kMaxRepeated)
    fail(ast.offset, "the expression is too large", "split it over several stages");
  return !problem_;
}

std::vector<Ast> AstReader::list(const Json& node, const char* name) {
  std::vector<Ast> out;
  if (const Json* items = member(node, name))
    for (const Json& item : items->GetArray())
      out.push_back(any(item));
  return out;
}

Ast AstReader::any(const Json& node) {
  if (problem_)
    return {};
  if (!node.IsObject() || node.MemberCount() == 0)
    return fail(0, "an expression is missing");
  const auto first = node.MemberBegin();
  const std::string_view kind(first->name.GetString(), first->name.GetStringLength());
  const Json& body = first->value;
  if (depth_ >= kMaxDepth)
    return fail(offset_of(body), "the expression is nested more than " + std::to_string(kMaxDepth) + " deep",
                "split it over several stages");
  ++depth_;
  Ast out = kind == "A_Const"                             ? constant(body)
            : kind == "ColumnRef"                         ? column(body)
            : kind == "A_Expr"                            ? operation(body)
            : kind == "FuncCall"                          ? function(body)
            : kind == "TypeCast"                          ? cast(body)
            : kind == "CaseExpr"                          ? choice(body)
            : kind == "BoolExpr"                          ? logic(body)
            : kind == "NullTest" || kind == "BooleanTest" ? test(body)
            : kind == "CoalesceExpr"                      ? call(offset_of(body), "coalesce", list(body, "args"))
            : kind == "MinMaxExpr"
                ? call(offset_of(body), string(body, "op") == "IS_LEAST" ? "least" : "greatest", list(body, "args"))
                : unsupported(body, kind);
  --depth_;
  return out;
}

// The JSON tree leaves negative integers out (it knows only `> 0`), so they are read from the text: the literal's digits are the
// first token after the minus that begins with a digit.
int64_t AstReader::negated_integer(size_t offset) const {
  for (const Token& token : tokens_) {
    if (token.begin < offset + prefix_ || sql_[token.begin] < '0' || sql_[token.begin] > '9')
      continue;
    int64_t value = 0;
    std::from_chars(sql_.data() + token.begin, sql_.data() + token.end, value);
    return -value;
  }
  return 0;
}

Ast AstReader::constant(const Json& node) {
  Ast out;
  out.offset = offset_of(node);
  if (member(node, "isnull"))
    return out;
  if (const Json* value = member(node, "boolval")) {
    out.kind = Ast::Kind::kBool;
    out.boolean = member(*value, "boolval") != nullptr;
  } else if (const Json* whole = member(node, "ival")) {
    out.kind = Ast::Kind::kInt;
    out.integer = integer(*whole, "ival", 0);
    if (out.integer == 0)
      out.integer = negated_integer(out.offset);
  } else if (const Json* text = member(node, "sval")) {
    out.kind = Ast::Kind::kString;
    out.name = string(*text, "sval");
  } else if (const Json* decimal = member(node, "fval")) {
    // Also integers that do not fit 32 bits.
    const std::string digits(string(*decimal, "fval"));
    const char* end = digits.data() + digits.size();
    out.kind = Ast::Kind::kInt;
    if (const auto [rest, error] = std::from_chars(digits.data(), end, out.integer);
        error == std::errc() && rest == end)
      return out;
    out.kind = Ast::Kind::kFloat;
    if (const auto [rest, error] = std::from_chars(digits.data(), end, out.number); error != std::errc() || rest != end)
      return fail(out.offset, "the number " + digits + " does not fit a float64");
  } else {
    return fail(out.offset, "bit strings are not supported");
  }
  return out;
}

Ast AstReader::column(const Json& node) {
  Ast out;
  out.kind = Ast::Kind::kColumn;
  out.offset = offset_of(node);
  const Json& fields = *member(node, "fields");
  if (member(fields[fields.Size() - 1], "A_Star"))
    return fail(out.offset, "* is not an expression", "name the column");
  out.qualified = fields.Size() > 1;
  for (const Json& field : fields.GetArray()) {
    const std::string_view part = string(field["String"], "sval");
    out.name += (out.name.empty() ? "" : ".") + std::string(part == kUserStandIn ? "user" : part);
  }
  return out;
}

Ast AstReader::range(const Json& node, std::string_view kind) {
  const size_t offset = offset_of(node);
  const Json& bounds = *member((*member(node, "rexpr"))["List"], "items");
  const Ast value = any(*member(node, "lexpr"));
  Ast low = any(bounds[0]);
  Ast high = any(bounds[1]);
  if (!repeat(value, 2) || !repeat(low, 2) || !repeat(high, 2))
    return {};
  const auto within = [&](const Ast& from, const Ast& to) {
    return call(offset, "and", {call(offset, ">=", {value, from}), call(offset, "<=", {value, to})});
  };
  Ast out = within(low, high);
  if (kind.ends_with("SYM"))
    out = call(offset, "or", {std::move(out), within(high, low)});
  return kind.starts_with("AEXPR_NOT") ? negation(std::move(out)) : out;
}

Ast AstReader::like(const Json& node, std::string name) {
  const size_t offset = offset_of(node);
  const std::string sign = last_name(*member(node, "name"));
  std::vector<Ast> args = {any(*member(node, "lexpr"))};
  const Json& pattern = *member(node, "rexpr");
  const Json* with_escape = member(pattern, "FuncCall");
  if (with_escape && last_name(*member(*with_escape, "funcname")) == "like_escape") {
    for (Ast& arg : list(*with_escape, "args"))
      args.push_back(std::move(arg));
  } else {
    args.push_back(any(pattern));
  }
  Ast out = call(offset, std::move(name), std::move(args));
  return sign.starts_with('!') ? negation(std::move(out)) : out;
}

Ast AstReader::operation(const Json& node) {
  const std::string_view kind = string(node, "kind");
  const size_t offset = offset_of(node);
  if (kind == "AEXPR_BETWEEN" || kind == "AEXPR_NOT_BETWEEN" || kind == "AEXPR_BETWEEN_SYM" ||
      kind == "AEXPR_NOT_BETWEEN_SYM")
    return range(node, kind);
  if (kind == "AEXPR_LIKE" || kind == "AEXPR_ILIKE")
    return like(node, kind == "AEXPR_LIKE" ? "like" : "ilike");
  if (kind == "AEXPR_SIMILAR")
    return fail(offset, "SIMILAR TO is not supported", "use LIKE or ILIKE");
  if (kind == "AEXPR_OP_ANY" || kind == "AEXPR_OP_ALL")
    return fail(offset, "ANY and ALL are not supported", "use IN (value, value ...)");

  std::string name = last_name(*member(node, "name"));
  std::vector<Ast> args;
  if (const Json* left = member(node, "lexpr"))
    args.push_back(any(*left));
  const Json& right = *member(node, "rexpr");
  if (kind == "AEXPR_IN") {
    for (Ast& item : list(right["List"], "items"))
      args.push_back(std::move(item));
    Ast out = call(offset, "in", std::move(args));
    return name == "<>" ? negation(std::move(out)) : out;
  }
  args.push_back(any(right));
  if (kind == "AEXPR_NULLIF")
    return call(offset, "nullif", std::move(args));
  if (kind == "AEXPR_DISTINCT")
    return call(offset, "is distinct from", std::move(args));
  if (kind == "AEXPR_NOT_DISTINCT")
    return negation(call(offset, "is distinct from", std::move(args)));
  if (args.size() == 1 && name == "-")
    name = "neg";
  else if (args.size() == 1 && name == "+")
    name = "pos";
  return call(offset, std::move(name), std::move(args));
}

Ast AstReader::function(const Json& node) {
  const Json& names = *member(node, "funcname");
  const size_t offset = offset_of(node);
  if (names.Size() > 1 && string(names[0]["String"], "sval") != "pg_catalog")
    return fail(offset, "functions of a schema are not supported", "write the function's name alone");
  std::string name = last_name(names);
  // Names that only the grammar makes; a call of "in"() in quotes must not pass for it.
  for (const std::string_view internal :
       {"and", "or", "not", "in", "like", "ilike", "coalesce", "greatest", "least", "nullif", "neg", "pos"})
    if (name == internal)
      return fail(offset, "there is no function \"" + name + "\"");
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos)
    return fail(offset, "there is no function \"" + name + "\"", "functions are written without quotes");
  Ast out = call(offset, std::move(name), list(node, "args"));
  if (member(node, "over"))
    return fail(offset, "window functions (OVER) are not supported", "use a window or reduce stage");
  if (member(node, "func_variadic"))
    return fail(offset, "VARIADIC is not supported");
  if (member(node, "agg_within_group"))
    return fail(offset, "WITHIN GROUP is not supported");
  modifiers(node, out);
  return out;
}

void AstReader::modifiers(const Json& node, Ast& out) {
  out.star = member(node, "agg_star") != nullptr;
  out.distinct = member(node, "agg_distinct") != nullptr;
  if (const Json* filter = member(node, "agg_filter"))
    out.filter.push_back(any(*filter));
  if (const Json* order = member(node, "agg_order")) {
    if (order->Size() > 1) {
      fail(out.offset, "ORDER BY inside an aggregate takes one expression");
      return;
    }
    const Json& by = (*order)[0]["SortBy"];
    out.order.push_back(any(by["node"]));
    out.descending = string(by, "sortby_dir") == "SORTBY_DESC";
    if (string(by, "sortby_nulls") != "SORTBY_NULLS_DEFAULT")
      fail(out.offset, "NULLS FIRST and NULLS LAST are not supported inside an aggregate",
           "rows without a value to order by are skipped");
    if (string(by, "sortby_dir") == "SORTBY_USING")
      fail(out.offset, "ORDER BY USING is not supported", "write ASC or DESC");
  }
  out.modified = out.distinct || !out.filter.empty() || !out.order.empty();
}

Ast AstReader::cast(const Json& node) {
  const Json& type = *member(node, "typeName");
  Ast out;
  out.kind = Ast::Kind::kCast;
  out.offset = offset_of(type);
  out.name = last_name(*member(type, "names"));
  if (member(type, "arrayBounds"))
    return fail(out.offset, "arrays are not supported");
  if (member(type, "typmods"))
    return fail(out.offset, "a length or precision of a type is not supported", "write the type's name alone");
  out.args.push_back(any(*member(node, "arg")));
  return out;
}

Ast AstReader::choice(const Json& node) {
  Ast out;
  out.kind = Ast::Kind::kCase;
  out.offset = offset_of(node);
  std::optional<Ast> operand;
  if (const Json* arg = member(node, "arg")) {
    operand = any(*arg);
    if (!repeat(*operand, member(node, "args")->Size()))
      return {};
  }
  for (const Json& when : member(node, "args")->GetArray()) {
    const Json& branch = when["CaseWhen"];
    Ast condition = any(*member(branch, "expr"));
    if (operand)
      condition = call(offset_of(branch), "=", {*operand, std::move(condition)});
    out.args.push_back(std::move(condition));
    out.args.push_back(any(*member(branch, "result")));
  }
  if (const Json* otherwise = member(node, "defresult"))
    out.args.push_back(any(*otherwise));
  return out;
}

Ast AstReader::logic(const Json& node) {
  const std::string_view kind = string(node, "boolop");
  return call(offset_of(node), kind == "AND_EXPR" ? "and" : kind == "OR_EXPR" ? "or" : "not", list(node, "args"));
}

Ast AstReader::test(const Json& node) {
  const std::string_view null = string(node, "nulltesttype");
  const std::string_view boolean = string(node, "booltesttype");
  const bool negative = null == "IS_NOT_NULL" || boolean.starts_with("IS_NOT_");
  // IS UNKNOWN is IS NULL of a boolean.
  std::string name = boolean.ends_with("TRUE")      ? "is true"
                     : boolean.ends_with("FALSE")   ? "is false"
                     : boolean.ends_with("UNKNOWN") ? "is unknown"
                                                    : "is null";
  Ast out = call(offset_of(node), std::move(name), {any(*member(node, "arg"))});
  return negative ? negation(std::move(out)) : out;
}

Ast AstReader::unsupported(const Json& node, std::string_view kind) {
  const size_t offset = offset_of(node);
  if (kind == "SubLink")
    return fail(offset, "subqueries are not supported", "put the inner query into a stage of its own");
  if (kind == "SQLValueFunction" && string(node, "op") == "SVFOP_USER") {
    // There is nobody whose name `user` could mean here; columns are called that all the time.
    Ast out;
    out.kind = Ast::Kind::kColumn;
    out.offset = offset;
    out.name = "user";
    return out;
  }
  if (kind == "SQLValueFunction")
    return fail(offset, "the current time, date and user are not supported: they would give another answer on replay",
                "use the record's own timestamp column");
  if (kind == "ParamRef")
    return fail(offset, "parameters ($1) are not supported", "write the value, or ${NAME} in the topology");
  if (kind == "A_ArrayExpr" || kind == "A_Indirection")
    return fail(offset, "arrays and subscripts are not supported", "read a json column's parts with -> and ->>");
  if (kind == "RowExpr")
    return fail(offset, "rows (a, b) are not supported", "compare the columns one by one");
  if (kind == "CollateClause")
    return fail(offset, "COLLATE is not supported", "strings are ordered by their bytes (collation C)");
  if (kind == "NamedArgExpr")
    return fail(offset, "named arguments are not supported", "give the arguments in their order");
  if (kind == "SetToDefault")
    return fail(offset, "DEFAULT is not supported");
  return fail(offset, std::string(kind) + " is not supported");
}

}  // namespace penstock::sql
