#include "sql/select.h"

#include <algorithm>

#include "sql/aggregate.h"
#include "sql/ast_reader.h"
#include "sql/read_ast.h"
#include "sql/select_text.h"

namespace penstock::sql {
namespace {

using Json = rapidjson::Value;
using Failure = std::optional<Problem>;

struct Unsupported {
  const char* clause;  // in the parser's tree
  std::initializer_list<std::string_view> keywords;
  const char* message;
  const char* hint;
};
const Unsupported kUnsupported[] = {
    {"withClause", {"with"}, "WITH is not supported", "make the inner query a stage of its own"},
    {"larg", {"union", "intersect", "except"}, "UNION, INTERSECT and EXCEPT are not supported", "use a union stage"},
    {"valuesLists", {"values"}, "VALUES is not supported", "read the rows with a file source"},
    {"distinctClause", {"distinct"}, "DISTINCT is not supported", "use GROUP BY with the same columns"},
    {"intoClause", {"into"}, "INTO is not supported", "use a sink"},
    {"havingClause", {"having"}, "HAVING is not supported", "filter the result in a filter stage behind this one"},
    {"windowClause", {"window"}, "WINDOW is not supported", "use a window or reduce stage"},
    {"limitOffset", {"offset"}, "OFFSET is not supported", "use LIMIT alone"},
    {"lockingClause", {"for"}, "FOR UPDATE and its like are not supported", ""},
};

/// The first aggregate in the tree, or null.
const Ast* aggregate_in(const Ast& ast) {
  if (ast.kind == Ast::Kind::kCall && AggregateCall::is_aggregate(ast.name))
    return &ast;
  for (const auto* list : {&ast.args, &ast.filter, &ast.order})
    for (const Ast& arg : *list)
      if (const Ast* found = aggregate_in(arg))
        return found;
  return nullptr;
}

/// The same expression, wherever it stands.
bool same(const Ast& a, const Ast& b) {
  const auto same_list = [](const std::vector<Ast>& x, const std::vector<Ast>& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), same);
  };
  return a.kind == b.kind && a.name == b.name && a.boolean == b.boolean && a.integer == b.integer &&
         a.number == b.number && a.star == b.star && a.distinct == b.distinct && a.descending == b.descending &&
         same_list(a.args, b.args) && same_list(a.filter, b.filter) && same_list(a.order, b.order);
}

/// The name as an expression: in quotes unless it can do without.
std::string quoted(const std::string& name) {
  const bool plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  if (plain)
    if (const auto ast = read_expression(name); ast.ok() && ast->kind == Ast::Kind::kColumn)
      return name;
  std::string out = "\"";
  for (const char c : name)
    out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

class SelectReader {
 public:
  SelectReader(std::string_view sql, const Parsed& parsed)
      : sql_(sql), tokens_(parsed.tokens), text_(sql, parsed.tokens) {}

  Failure read(const Json& select) {
    for (const auto step :
         {&SelectReader::clauses, &SelectReader::from, &SelectReader::items, &SelectReader::where,
          &SelectReader::group_by, &SelectReader::grouped, &SelectReader::order_by, &SelectReader::limit})
      if (Failure failure = (this->*step)(select))
        return failure;
    return std::nullopt;
  }
  Select take() { return std::move(select_); }

 private:
  Checked<Ast> expression(const Json& node) const { return AstReader(sql_, tokens_, 0).read(node); }

  Failure clauses(const Json& select) {
    for (const Unsupported& unsupported : kUnsupported)
      if (member(select, unsupported.clause))
        return Problem{text_.find(unsupported.keywords), unsupported.message, unsupported.hint};
    if (text_.has("fetch"))
      return Problem{text_.find({"fetch"}), "FETCH FIRST is not supported", "use LIMIT"};
    return std::nullopt;
  }

  Failure from(const Json& select) {
    const Json* list = member(select, "fromClause");
    const size_t at = text_.find({"from"});
    if (!list)
      return Problem{sql_.size(), "FROM is missing", "write FROM and the name of a stage or source"};
    const Json* table = member((*list)[0], "RangeVar");
    if (list->Size() > 1 || member((*list)[0], "JoinExpr"))
      return Problem{list->Size() > 1 ? at : text_.find({"join"}), "joins are not supported",
                     "use a join stage, and its name in FROM"};
    if (!table)
      return Problem{at, "FROM takes the name of one stage or source", "make a subquery a stage of its own"};
    select_.from = string(*table, "relname");
    select_.from_offset = static_cast<size_t>(integer(*table, "location", 0));
    if (member(*table, "alias"))
      return Problem{select_.from_offset, "an alias of " + select_.from + " is not supported",
                     "write column names alone"};
    if (member(*table, "schemaname") || !member(*table, "inh"))
      return Problem{select_.from_offset, "FROM takes a plain name", ""};
    return std::nullopt;
  }

  Failure items(const Json& select) {
    const Json* targets = member(select, "targetList");
    const std::vector<Span> spans = text_.split(text_.items());
    if (!targets || targets->Size() != spans.size())
      return Problem{text_.find({"select"}), "SELECT needs at least one column", ""};
    for (size_t i = 0; i < spans.size(); ++i) {
      const Json& target = (*targets)[static_cast<rapidjson::SizeType>(i)]["ResTarget"];
      if (Failure failure = item(target, spans[i]))
        return failure;
    }
    return std::nullopt;
  }

  Failure item(const Json& target, Span span) {
    SelectItem item;
    const Json& value = target["val"];
    const bool named = member(target, "name") != nullptr;
    if (named)
      item.name = string(target, "name");
    item.expression = text_.text(named ? text_.without_alias(span) : span);
    if (item.expression.text == "*") {
      item.star = true;
      asts_.emplace_back();
      select_.items.push_back(std::move(item));
      return std::nullopt;
    }
    Checked<Ast> ast = expression(value);
    if (!ast.ok())
      return ast.problem();
    item.is_aggregate = ast->kind == Ast::Kind::kCall && AggregateCall::is_aggregate(ast->name);
    if (const Ast* inner = item.is_aggregate ? inside(*ast) : aggregate_in(*ast))
      return Problem{inner->offset, "the aggregate " + inner->name + " cannot be part of an expression here",
                     "give it a name, and compute with it in a map stage behind this one"};
    if (!named)
      item.name = default_name(*ast, span);
    if (item.name.empty())
      return Problem{item.expression.offset, "this expression needs a name", "add AS and a name behind it"};
    for (const SelectItem& other : select_.items)
      if (other.name == item.name)
        return Problem{item.expression.offset, "two columns are called " + item.name, "name one of them with AS"};
    asts_.push_back(std::move(*ast));
    select_.items.push_back(std::move(item));
    return std::nullopt;
  }

  static const Ast* inside(const Ast& call) {
    for (const auto* list : {&call.args, &call.filter, &call.order})
      for (const Ast& arg : *list)
        if (const Ast* found = aggregate_in(arg))
          return found;
    return nullptr;
  }

  // A column keeps the spelling it was written with: its schema may have mixed case where PostgreSQL folds it.
  std::string default_name(const Ast& ast, Span span) const {
    const std::string_view written = text_.word(span.begin);
    if (ast.kind == Ast::Kind::kColumn)
      return written.starts_with('"') || span.end - span.begin > 1 ? ast.name : std::string(written);
    if (ast.kind == Ast::Kind::kCast && ast.args[0].kind == Ast::Kind::kColumn)
      return ast.args[0].name;
    if (ast.kind == Ast::Kind::kCase)
      return "case";
    const bool word = ast.kind == Ast::Kind::kCall && ast.name != "and" && ast.name != "or" && ast.name != "not" &&
                      ast.name != "neg" && ast.name != "pos" && ast.name != "in" && ast.name != "like" &&
                      ast.name != "ilike" &&
                      ast.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
    return word ? ast.name : "";
  }

  Failure where(const Json& select) {
    const Json* condition = member(select, "whereClause");
    if (!condition)
      return std::nullopt;
    const Checked<Ast> ast = expression(*condition);
    if (!ast.ok())
      return ast.problem();
    if (const Ast* found = aggregate_in(*ast))
      return Problem{found->offset, "WHERE cannot contain an aggregate",
                     "filter the result in a filter stage behind this one"};
    select_.where = text_.text(text_.where());
    return std::nullopt;
  }

  /// The item that an ordinal or an output name stands for.
  Checked<std::optional<size_t>> item_of(const Ast& ast, std::string_view clause) const {
    if (ast.kind == Ast::Kind::kInt) {
      if (ast.integer < 1 || ast.integer > static_cast<int64_t>(select_.items.size()))
        return Problem{ast.offset,
                       std::string(clause) + " " + std::to_string(ast.integer) + " is not in the SELECT list",
                       "it has " + std::to_string(select_.items.size()) + " items"};
      return std::optional(static_cast<size_t>(ast.integer - 1));
    }
    for (size_t i = 0; i < select_.items.size(); ++i)
      if (!select_.items[i].star &&
          ((ast.kind == Ast::Kind::kColumn && ast.name == select_.items[i].name) || same(ast, asts_[i])))
        return std::optional(i);
    return std::optional<size_t>();
  }

  Failure group_by(const Json& select) {
    const Json* list = member(select, "groupClause");
    const std::vector<Span> spans = text_.split(text_.group_by());
    if (!list)
      return std::nullopt;
    for (size_t i = 0; i < spans.size(); ++i) {
      if (i >= list->Size() || member((*list)[static_cast<rapidjson::SizeType>(i)], "GroupingSet"))
        return Problem{text_.text(spans[i]).offset, "GROUPING SETS, ROLLUP and CUBE are not supported",
                       "list the columns"};
      const Checked<Ast> ast = expression((*list)[static_cast<rapidjson::SizeType>(i)]);
      if (!ast.ok())
        return ast.problem();
      const auto item = item_of(*ast, "GROUP BY");
      if (!item.ok())
        return item.problem();
      const bool aggregate = *item ? select_.items[**item].is_aggregate : aggregate_in(*ast) != nullptr;
      if (aggregate)
        return Problem{ast->offset, "GROUP BY cannot contain an aggregate", ""};
      if (*item && select_.items[**item].star)
        return Problem{ast->offset, "GROUP BY cannot stand for *", "name the columns"};
      select_.group_by.push_back(*item ? select_.items[**item].expression : text_.text(spans[i]));
      groups_.push_back(*item ? asts_[**item] : *ast);
    }
    return std::nullopt;
  }

  Failure grouped(const Json&) {
    const auto is_aggregate = [](const SelectItem& item) { return item.is_aggregate; };
    if (groups_.empty() && std::none_of(select_.items.begin(), select_.items.end(), is_aggregate))
      return std::nullopt;
    for (size_t i = 0; i < select_.items.size(); ++i) {
      const SelectItem& item = select_.items[i];
      const bool is_key =
          std::any_of(groups_.begin(), groups_.end(), [&](const Ast& key) { return same(key, asts_[i]); });
      if (item.star)
        return Problem{item.expression.offset, "* cannot stand beside GROUP BY or an aggregate", "name the columns"};
      if (!item.is_aggregate && !is_key)
        return Problem{item.expression.offset, item.expression.text + " is neither in GROUP BY nor an aggregate",
                       "group by it, or aggregate it, as in first(" + item.expression.text + ")"};
    }
    return std::nullopt;
  }

  Failure order_by(const Json& select) {
    const Json* list = member(select, "sortClause");
    const std::vector<Span> spans = text_.split(text_.order_by());
    for (rapidjson::SizeType i = 0; list && i < list->Size(); ++i) {
      const Json& by = (*list)[i]["SortBy"];
      const Checked<Ast> ast = expression(by["node"]);
      if (!ast.ok())
        return ast.problem();
      if (string(by, "sortby_dir") == "SORTBY_USING" || i >= spans.size())
        return Problem{ast->offset, "ORDER BY USING is not supported", "write ASC or DESC"};
      const auto item = item_of(*ast, "ORDER BY");
      if (!item.ok())
        return item.problem();
      const Ast* aggregate = *item ? nullptr : aggregate_in(*ast);
      if (aggregate)
        return Problem{aggregate->offset, "the aggregate in ORDER BY is not in the SELECT list",
                       "select it under a name, and order by the name"};
      if (*item && select_.items[**item].star)
        return Problem{ast->offset, "ORDER BY cannot stand for *", "name the column"};
      OrderItem order;
      order.item = *item;
      order.descending = string(by, "sortby_dir") == "SORTBY_DESC";
      if (const std::string_view nulls = string(by, "sortby_nulls"); nulls != "SORTBY_NULLS_DEFAULT")
        order.nulls_first = nulls == "SORTBY_NULLS_FIRST";
      order.expression = text_.text(text_.without_direction(spans[i]));
      if (*item)
        order.expression.text = quoted(select_.items[**item].name);
      select_.order_by.push_back(std::move(order));
    }
    return std::nullopt;
  }

  Failure limit(const Json& select) {
    const Json* count = member(select, "limitCount");
    if (!count)
      return std::nullopt;
    const Checked<Ast> ast = expression(*count);
    if (!ast.ok())
      return ast.problem();
    if (ast->kind == Ast::Kind::kNull)  // LIMIT ALL
      return std::nullopt;
    if (ast->kind != Ast::Kind::kInt || ast->integer < 0)
      return Problem{ast->offset, "LIMIT takes a number of rows", "write LIMIT 10"};
    select_.limit = ast->integer;
    return std::nullopt;
  }

  std::string_view sql_;
  const std::vector<Token>& tokens_;
  SelectText text_;
  Select select_;
  std::vector<Ast> asts_;    // one an item
  std::vector<Ast> groups_;  // one a key of GROUP BY
};

}  // namespace

Checked<Select> parse_select(std::string_view text) {
  const Checked<Parsed> parsed = parse_statement(text);
  if (!parsed.ok())
    return parsed.problem();
  rapidjson::Document tree;
  tree.Parse<rapidjson::kParseIterativeFlag>(parsed->tree.data(), parsed->tree.size());
  const Json* statements = tree.IsObject() ? member(tree, "stmts") : nullptr;
  if (!statements || statements->Empty())
    return Problem{0, "a SELECT is missing", "write SELECT column FROM stage"};
  if (statements->Size() > 1)
    return Problem{static_cast<size_t>(integer((*statements)[1], "stmt_location", 0)), "a second statement",
                   "write one SELECT"};
  const Json* select = member((*statements)[0]["stmt"], "SelectStmt");
  if (!select)
    return Problem{parsed->tokens.empty() ? 0 : parsed->tokens[0].begin, "only SELECT is supported",
                   "write SELECT column FROM stage"};
  SelectReader reader(text, *parsed);
  if (auto failure = reader.read(*select))
    return *failure;
  return reader.take();
}

}  // namespace penstock::sql
