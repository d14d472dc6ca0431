#include "sql/expression.h"

#include <algorithm>

#include "sql/bind.h"
#include "sql/materialize.h"
#include "sql/read_ast.h"

namespace penstock::sql {
namespace {

// The context knows physical rows; callers count the batch's rows.
std::vector<RowError> by_batch_row(std::vector<RowError> errors, const RecordBatch& batch) {
  const Selection* selection = batch.selection();
  if (selection)
    for (RowError& error : errors)
      error.row = std::lower_bound(selection->begin(), selection->end(), error.row) - selection->begin();
  return errors;
}

Rows rows_of(const RecordBatch& batch) {
  const Selection* selection = batch.selection();
  return {selection ? selection->data() : nullptr, batch.rows(), batch.physical_rows()};
}

}  // namespace

struct Expression::Content {
  std::string text;
  NodePtr root;
  std::vector<size_t> columns;
};

Checked<Expression> Expression::compile(std::string_view text, const SchemaPtr& schema) {
  const Checked<Ast> ast = read_expression(text);
  if (!ast.ok())
    return ast.problem();
  return compile(*ast, text, *schema);
}

Checked<Expression> Expression::compile(const Ast& ast, std::string_view text, const Schema& schema) {
  Checked<NodePtr> root = Binder(schema).bind(ast);
  if (!root.ok())
    return root.problem();
  auto content = std::make_shared<Content>();
  content->text = text;
  content->root = *root;
  content->root->columns(content->columns);
  std::sort(content->columns.begin(), content->columns.end());
  content->columns.erase(std::unique(content->columns.begin(), content->columns.end()), content->columns.end());
  return Expression(std::move(content));
}

Type Expression::type() const { return content_->root->type(); }
bool Expression::nullable() const { return content_->root->nullable(); }
const std::vector<size_t>& Expression::columns() const { return content_->columns; }
const std::string& Expression::text() const { return content_->text; }

Evaluated Expression::evaluate(const RecordBatch& batch) const {
  if (const auto* column = dynamic_cast<const ColumnNode*>(content_->root.get())) {
    const ColumnPtr& values = batch.column(column->index());
    return {batch.selection() ? values->gather(*batch.selection()) : values, {}};
  }
  Context context(&batch, batch.physical_rows());
  const Rows rows = rows_of(batch);
  const Vector values = content_->root->evaluate(context, rows);
  ColumnPtr column = materialize(context, values, rows);
  return {std::move(column), by_batch_row(context.take_errors(), batch)};
}

Selected Expression::select(const RecordBatch& batch) const {
  Context context(&batch, batch.physical_rows());
  const Rows rows = rows_of(batch);
  Selection selected(rows.count);
  selected.resize(content_->root->select(context, rows, selected.data()));
  std::vector<RowError> errors = context.take_errors();
  // A row may be found true by one part and fail in another.
  if (!errors.empty())
    selected.erase(std::remove_if(selected.begin(), selected.end(), [&](uint32_t row) { return context.failed(row); }),
                   selected.end());
  return {std::move(selected), by_batch_row(std::move(errors), batch)};
}

}  // namespace penstock::sql
