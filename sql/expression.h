// A SQL expression over the columns of a schema, with PostgreSQL's meaning: compiled once, evaluated column by column over
// batches. Immutable, cheap to copy and safe to use from any number of threads at once. sql/README.md lists the language.
//
// A value that cannot be computed for a row (division by zero, overflow, text that is no number) is an error of that row:
// it is reported, the row holds null, and all other rows are computed. AND, OR, CASE and COALESCE evaluate their parts only
// for the rows that need them, left to right, so `x <> 0 AND 1 / x > 2` has no error.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "messages/record_batch.h"
#include "sql/problem.h"

namespace penstock::sql {

/// Why row `row` (i-th of the batch's rows(), not the physical row) has no value.
struct RowError {
  size_t row = 0;
  std::string message;
  bool operator==(const RowError&) const = default;
};

struct Evaluated {
  ColumnPtr column;              // dense: one value for each of batch.rows(), of type(); null where there was an error
  std::vector<RowError> errors;  // ascending, at most one a row
};

struct Selected {
  Selection rows;                // physical rows of the batch where the expression is true, ascending
  std::vector<RowError> errors;  // ascending, at most one a row; those rows are not in `rows`
};

struct Ast;

class Expression {
 public:
  /// Errors: syntax, unknown column or function, types that do not fit, anything unsupported, a constant part that fails.
  static Checked<Expression> compile(std::string_view text, const SchemaPtr& schema);

  Type type() const;
  /// False if the value is never null, rows with an error aside.
  bool nullable() const;
  /// The columns of the schema that are read, ascending.
  const std::vector<size_t>& columns() const;
  const std::string& text() const;

  /// Requires: the batch has the schema of compile(). A bare column of a batch without a selection is not copied.
  Evaluated evaluate(const RecordBatch& batch) const;
  /// Requires: type() is bool, and the batch has the schema of compile().
  Selected select(const RecordBatch& batch) const;

 private:
  friend class AggregateCall;
  struct Content;
  static Checked<Expression> compile(const Ast& ast, std::string_view text, const Schema& schema);
  explicit Expression(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

  std::shared_ptr<const Content> content_;
};

}  // namespace penstock::sql
