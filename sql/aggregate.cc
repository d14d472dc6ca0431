#include "sql/aggregate.h"

#include <algorithm>

#include "core/nearest.h"
#include "sql/aggregate_kinds.h"
#include "sql/read_ast.h"

namespace penstock::sql {
namespace {

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const AggregateKind& kind : aggregate_kinds())
    out.emplace_back(kind.name);
  return out;
}

Problem not_an_aggregate(const Ast& ast) {
  const std::vector<std::string> known = names();
  std::string hint = "the aggregates are";
  for (const std::string& name : known)
    hint += (name == known.front() ? " " : ", ") + name;
  if (ast.kind == Ast::Kind::kCall)
    if (const auto near = nearest(ast.name, known))
      hint = "did you mean " + *near + "?";
  return {ast.offset, "this is not a call of an aggregate", std::move(hint)};
}

// What is wrong with the call's form, whatever the types.
std::optional<Problem> wrong_form(const Ast& ast) {
  const AggregateKind* kind = ast.kind == Ast::Kind::kCall ? aggregate_kind(ast.name) : nullptr;
  if (!kind)
    return not_an_aggregate(ast);
  if (ast.star && ast.name != "count")
    return Problem{ast.offset, ast.name + "(*) does not exist", "only count takes *"};
  const size_t wanted = kind->computed + (kind->constant != Constant::kNone);
  if (!ast.star && ast.args.size() != wanted)
    return Problem{ast.offset,
                   ast.name + " takes " + (wanted == 1 ? "one argument" : std::to_string(wanted) + " arguments"),
                   ast.name == "count" ? "write count(*) to count rows"
                   : wanted == 1       ? ""
                                       : "write " + ast.name + "(" + std::string(kind->arguments) + ")"};
  if (ast.distinct && ast.name != "count" && ast.name != "min" && ast.name != "max")
    return Problem{ast.offset, "DISTINCT is supported in count only", ""};
  if (!ast.order.empty() && ast.name != "first" && ast.name != "last")
    return Problem{ast.offset, "ORDER BY is supported in first and last only", ""};
  return std::nullopt;
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
  const AggregateKind* kind = nullptr;
  AggregateForm form;
  std::optional<Expression> value;
  std::optional<Expression> order;  // of ORDER BY, or the second computed argument
  std::optional<Expression> filter;
};

bool AggregateCall::is_aggregate(std::string_view name) { return aggregate_kind(name) != nullptr; }

Checked<AggregateCall> AggregateCall::compile(std::string_view text, const SchemaPtr& schema) {
  const Checked<Ast> ast = read_expression(text);
  if (!ast.ok())
    return ast.problem();
  if (const auto problem = wrong_form(*ast))
    return *problem;
  Content content;
  content.kind = aggregate_kind(ast->name);
  content.form.distinct = ast->distinct;
  content.form.descending = ast->descending;
  const auto part = [&](const std::vector<Ast>& list, size_t index,
                        std::optional<Expression>& out) -> std::optional<Problem> {
    if (list.size() <= index)
      return std::nullopt;
    Checked<Expression> expression = Expression::compile(list[index], text, *schema);
    if (!expression.ok())
      return expression.problem();
    out = std::move(expression).value();
    return std::nullopt;
  };
  const bool two = content.kind->computed == 2;
  for (const auto& problem :
       {part(ast->args, 0, content.value), two ? part(ast->args, 1, content.order) : part(ast->order, 0, content.order),
        part(ast->filter, 0, content.filter)})
    if (problem)
      return *problem;
  if (content.kind->constant != Constant::kNone) {
    const Checked<double> constant = read_constant(*content.kind, ast->args.back());
    if (!constant.ok())
      return constant.problem();
    content.form.constant = *constant;
  }

  if (content.filter && content.filter->type() != Type::kBool)
    return Problem{ast->filter[0].offset,
                   "FILTER needs a bool, not a " + std::string(type_name(content.filter->type())), ""};
  if (content.order && !two && content.order->type() == Type::kJson)
    return Problem{ast->order[0].offset, "json values have no order", "order by a part of it: column ->> 'key'"};
  if (content.order)
    content.form.order = content.order->type();
  if (content.value) {
    content.form.value = content.value->type();
    if (!content.kind->fits(content.form)) {
      std::string types(type_name(content.value->type()));
      if (two)
        types += " and a " + std::string(type_name(content.order->type()));
      return Problem{ast->offset, ast->name + " of a " + types + " does not exist", std::string(content.kind->takes)};
    }
  }
  return AggregateCall(std::make_shared<const Content>(std::move(content)));
}

Type AggregateCall::type() const { return content_->kind->result(content_->form); }
bool AggregateCall::nullable() const { return !content_->kind->counts; }

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

std::unique_ptr<AggregateStates> AggregateCall::make_states() const { return content_->kind->make(content_->form); }

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
