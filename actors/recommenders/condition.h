// A condition on items, as a recommender's `where` and `rules` and a request's `filter` have it: SQL over the columns of the
// item table, and over those of the user's row as `user.region`. Immutable, cheap to copy; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/item_set.h"
#include "sql/expression.h"

namespace penstock {

/// Rows of a table as bits.
using RowSet = ItemSet;

class Condition {
 public:
  /// `items` and `users` (null: there is no such table) are the schemas of their views. Errors: as sql::Expression; a value
  /// that is no bool.
  static sql::Checked<Condition> compile(std::string_view text, const SchemaPtr& items, const SchemaPtr& users);

  const std::string& text() const { return expression_.text(); }
  bool reads_user() const { return !user_columns_.empty(); }
  /// The user's values that it reads, as text: equal texts, equal answers. `user`: one row, or null for an unknown user, whose
  /// columns are all null.
  std::string user_values(const RecordBatch* user) const;
  /// The rows for which it is true. Rows for which it cannot be computed are not, and are put into `failed`, if given.
  RowSet select(const RecordBatch& items, const RecordBatch* user, RowSet* failed = nullptr) const;

 private:
  Condition(sql::Expression expression, SchemaPtr schema, std::vector<size_t> user_columns)
      : expression_(std::move(expression)), schema_(std::move(schema)), user_columns_(std::move(user_columns)) {}

  sql::Expression expression_;
  SchemaPtr schema_;                  // the items' columns, then those of the user that are read
  std::vector<size_t> user_columns_;  // of the user's row
};

}  // namespace penstock
