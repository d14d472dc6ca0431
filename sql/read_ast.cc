#include "sql/read_ast.h"

#include "sql/ast_reader.h"
#include "sql/parse.h"

namespace penstock::sql {
namespace {

using Json = AstReader::Json;
constexpr std::string_view kPrefix = "SELECT ";

// The first thing in the statement that is more than one bare expression.
std::optional<Problem> more_than_an_expression(const rapidjson::Document& tree) {
  const Json* statements = member(tree, "stmts");
  if (!statements || statements->Empty())
    return Problem{0, "an expression is missing", ""};
  if (statements->Size() > 1)
    return Problem{static_cast<size_t>(integer((*statements)[1], "stmt_location", 0)), "a second statement",
                   "write one expression"};
  const Json* select = member((*statements)[0]["stmt"], "SelectStmt");
  const Json* items = select ? member(*select, "targetList") : nullptr;
  if (!items)
    return Problem{kPrefix.size(), "an expression is missing", ""};
  for (const char* clause : {"fromClause", "whereClause", "groupClause", "havingClause", "sortClause", "limitCount",
                             "limitOffset", "distinctClause", "intoClause", "windowClause", "lockingClause", "larg"})
    if (member(*select, clause))
      return Problem{kPrefix.size(), "this is more than an expression",
                     "write only the expression, without FROM, WHERE, ORDER BY ..."};
  const Json& item = (*items)[0]["ResTarget"];
  if (items->Size() > 1)
    return Problem{static_cast<size_t>(integer((*items)[1]["ResTarget"], "location", 0)), "a second expression",
                   "write one expression"};
  if (member(item, "name"))
    return Problem{static_cast<size_t>(integer(item, "location", 0)), "an expression cannot be given a name here",
                   "leave out AS"};
  return std::nullopt;
}

Problem shifted(Problem problem) {
  problem.offset -= std::min(problem.offset, kPrefix.size());
  return problem;
}

}  // namespace

Checked<Ast> read_expression(std::string_view text) {
  const std::string sql = std::string(kPrefix).append(text);
  const Checked<Parsed> parsed = parse_statement(sql);
  if (!parsed.ok())
    return shifted(parsed.problem());
  rapidjson::Document tree;
  tree.Parse<rapidjson::kParseIterativeFlag>(parsed->tree.data(), parsed->tree.size());
  if (tree.HasParseError() || !tree.IsObject())
    return Problem{0, "the parser's answer cannot be read", ""};
  if (const auto problem = more_than_an_expression(tree))
    return shifted(*problem);
  AstReader reader(sql, parsed->tokens, kPrefix.size());
  const Json& item = (*member(tree, "stmts"))[0]["stmt"]["SelectStmt"]["targetList"][0]["ResTarget"];
  return reader.read(item["val"]);
}

}  // namespace penstock::sql
