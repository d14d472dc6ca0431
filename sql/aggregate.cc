#include "sql/aggregate.h"

#include <algorithm>
#include <array>

#include "core/nearest.h"
#include "sql/aggregate_states.h"
#include "sql/read_ast.h"

namespace penstock::sql {
namespace {

constexpr std::array<std::string_view, 7> kNames = {"avg", "count", "first", "last", "max", "min", "sum"};

Problem not_an_aggregate(const Ast& ast) {
  std::string hint = "the aggregates are avg, count, first, last, max, min, sum";
  if (ast.kind == Ast::Kind::kCall)
    if (const auto near = nearest(ast.name, std::vector<std::string>(kNames.begin(), kNames.end())))
      hint = "did you mean " + *near + "?";
  return {ast.offset, "this is not a call of an aggregate", std::move(hint)};
}

// What is wrong with the call's form, whatever the types.
std::optional<Problem> wrong_form(const Ast& ast) {
  if (ast.kind != Ast::Kind::kCall || !AggregateCall::is_aggregate(ast.name))
    return not_an_aggregate(ast);
  if (ast.star && ast.name != "count")
    return Problem{ast.offset, ast.name + "(*) does not exist", "only count takes *"};
  if (!ast.star && ast.args.size() != 1)
    return Problem{ast.offset, ast.name + " takes one argument",
                   ast.name == "count" ? "write count(*) to count rows" : ""};
  if (ast.distinct && ast.name != "count" && ast.name != "min" && ast.name != "max")
    return Problem{ast.offset, "DISTINCT is supported in count only", ""};
  if (!ast.order.empty() && ast.name != "first" && ast.name != "last")
    return Problem{ast.offset, "ORDER BY is supported in first and last only", ""};
  return std::nullopt;
}

bool fits(const std::string& name, bool distinct, Type type) {
  if (name == "sum" || name == "avg")
    return type == Type::kInt64 || type == Type::kFloat64;
  if (name == "min" || name == "max")
    return type != Type::kJson && type != Type::kBool;
  return !distinct || type != Type::kJson;
}

// One value for every row again, after only some were computed; the others are not looked at.
ColumnPtr spread(const Column& values, std::span<const uint32_t> rows, size_t count) {
  if (rows.empty())
    return Column::nulls(values.type(), count);
  std::vector<uint32_t> source(count, 0);
  for (size_t i = 0; i < rows.size(); ++i)
    source[rows[i]] = static_cast<uint32_t>(i);
  return values.gather(source);
}

}  // namespace

struct AggregateCall::Content {
  std::string name;
  bool distinct = false;
  bool descending = false;
  Type type = Type::kInt64;
  std::optional<Expression> value;
  std::optional<Expression> order;
  std::optional<Expression> filter;
};

bool AggregateCall::is_aggregate(std::string_view name) {
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

Checked<AggregateCall> AggregateCall::compile(std::string_view text, const SchemaPtr& schema) {
  const Checked<Ast> ast = read_expression(text);
  if (!ast.ok())
    return ast.problem();
  if (const auto problem = wrong_form(*ast))
    return *problem;
  Content content;
  content.name = ast->name;
  content.distinct = ast->distinct;
  content.descending = ast->descending;
  const auto part = [&](const std::vector<Ast>& list, std::optional<Expression>& out) -> std::optional<Problem> {
    if (list.empty())
      return std::nullopt;
    Checked<Expression> expression = Expression::compile(list[0], text, *schema);
    if (!expression.ok())
      return expression.problem();
    out = std::move(expression).value();
    return std::nullopt;
  };
  for (const auto& problem :
       {part(ast->args, content.value), part(ast->order, content.order), part(ast->filter, content.filter)})
    if (problem)
      return *problem;

  if (content.filter && content.filter->type() != Type::kBool)
    return Problem{ast->filter[0].offset,
                   "FILTER needs a bool, not a " + std::string(type_name(content.filter->type())), ""};
  if (content.order && content.order->type() == Type::kJson)
    return Problem{ast->order[0].offset, "json values have no order", "order by a part of it: column ->> 'key'"};
  if (content.value && !fits(content.name, content.distinct, content.value->type()))
    return Problem{ast->offset,
                   content.name + " of a " + std::string(type_name(content.value->type())) + " does not exist",
                   content.name == "sum" || content.name == "avg" ? "it takes int64 and float64" : ""};
  content.type = content.name == "count" ? Type::kInt64
                 : content.name == "avg" ? Type::kFloat64
                                         : content.value->type();
  return AggregateCall(std::make_shared<const Content>(std::move(content)));
}

Type AggregateCall::type() const { return content_->type; }
bool AggregateCall::nullable() const { return content_->name != "count"; }

std::vector<size_t> AggregateCall::columns() const {
  std::vector<size_t> out;
  for (const auto* part : {&content_->value, &content_->order, &content_->filter})
    if (*part)
      out.insert(out.end(), (*part)->columns().begin(), (*part)->columns().end());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

AggregateInput AggregateCall::evaluate(const RecordBatch& batch) const {
  AggregateInput input;
  input.rows = batch.rows();
  const auto note = [&](std::vector<RowError> errors) {
    input.errors.insert(input.errors.end(), std::make_move_iterator(errors.begin()),
                        std::make_move_iterator(errors.end()));
  };
  BatchPtr kept;
  if (content_->filter) {
    // Only the rows that are kept have their value computed, so that FILTER can guard it.
    Selected selected = content_->filter->select(batch);
    note(std::move(selected.errors));
    input.kept.emplace();
    size_t next = 0;
    for (size_t i = 0; i < batch.rows() && next < selected.rows.size(); ++i)
      if (batch.row(i) == selected.rows[next]) {
        input.kept->push_back(static_cast<uint32_t>(i));
        ++next;
      }
    kept = batch.select(std::move(selected.rows));
  }
  const auto compute = [&](const Expression& expression) {
    Evaluated evaluated = expression.evaluate(kept ? *kept : batch);
    if (kept)
      for (RowError& error : evaluated.errors)
        error.row = (*input.kept)[error.row];
    note(std::move(evaluated.errors));
    return kept ? spread(*evaluated.column, *input.kept, input.rows) : evaluated.column;
  };
  if (content_->value)
    input.values = compute(*content_->value);
  if (content_->order)
    input.order = compute(*content_->order);
  std::stable_sort(input.errors.begin(), input.errors.end(),
                   [](const RowError& a, const RowError& b) { return a.row < b.row; });
  input.errors.erase(std::unique(input.errors.begin(), input.errors.end(),
                                 [](const RowError& a, const RowError& b) { return a.row == b.row; }),
                     input.errors.end());
  return input;
}

std::unique_ptr<AggregateStates> AggregateCall::make_states() const {
  const Content& c = *content_;
  if (c.name == "count" && !c.distinct)
    return make_count_states();
  if (c.name == "count")
    return make_distinct_states(c.value->type());
  if (c.name == "sum")
    return make_sum_states(c.type);
  if (c.name == "avg")
    return make_average_states(c.value->type());
  if (c.name == "min" || c.name == "max")
    return make_extreme_states(c.type, c.name == "max");
  const bool last = c.name == "last";
  return make_pick_states(c.type, c.order ? std::optional(c.order->type()) : std::nullopt, last != c.descending, last);
}

std::vector<RowError> AggregateCall::update(AggregateStates& states, const RecordBatch& batch,
                                            std::span<const uint32_t> group_of_row) const {
  AggregateInput input = evaluate(batch);
  std::vector<RowError> errors = states.update(input, group_of_row);
  errors.insert(errors.end(), std::make_move_iterator(input.errors.begin()),
                std::make_move_iterator(input.errors.end()));
  std::sort(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row < b.row; });
  return errors;
}

}  // namespace penstock::sql
