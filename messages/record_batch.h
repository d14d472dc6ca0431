// What flows: immutable rows of one schema, by columns, shared between threads as `BatchPtr`.
//
// A batch may carry a selection: then only the selected physical rows belong to it, which makes a filter free of
// copying. `rows()` counts the selected rows; readers go through `row(i)` or call `compact()`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "messages/column.h"
#include "messages/schema.h"

namespace penstock {

/// Where a batch's rows stand in the log they were read from. Physical row i has offset first.next(i), unless `offsets`
/// says otherwise (after a filter was made permanent). Kept through filters and maps; lost by sort and reduce.
struct Origin {
  Partition partition;
  Offset first;
  Timestamp ingested;                                    // when the log took the batch in
  std::shared_ptr<const std::vector<uint64_t>> offsets;  // one a physical row, or null
  uint32_t input = 0;                                    // number of the log among those that the region reads
};

class RecordBatch;
using BatchPtr = std::shared_ptr<const RecordBatch>;

class RecordBatch {
 public:
  // Requires: as many columns as fields, of their types, all with `physical_rows` rows.
  RecordBatch(SchemaPtr schema, std::vector<ColumnPtr> columns, size_t physical_rows);

  static BatchPtr make(SchemaPtr schema, std::vector<ColumnPtr> columns);  // Requires: at least one column
  static BatchPtr empty(SchemaPtr schema);

  const SchemaPtr& schema() const { return schema_; }
  const ColumnPtr& column(size_t index) const { return columns_[index]; }
  const std::vector<ColumnPtr>& columns() const { return columns_; }

  size_t rows() const { return selection_ ? selection_->size() : physical_rows_; }
  size_t physical_rows() const { return physical_rows_; }
  /// Physical row of the i-th row of the batch.
  size_t row(size_t i) const { return selection_ ? (*selection_)[i] : i; }
  /// Null when every physical row is in the batch.
  const Selection* selection() const { return selection_.get(); }

  const std::optional<Origin>& origin() const { return origin_; }
  /// Offset in the log of the i-th row. Requires: origin().
  Offset offset(size_t i) const;

  /// The same columns with only these physical rows (which replace the present selection).
  BatchPtr select(Selection rows) const;
  /// The same rows with no selection; itself if there is none.
  BatchPtr compact() const;
  /// Rows [from, from + count) of the batch.
  BatchPtr slice(size_t from, size_t count) const;
  /// Other columns for the same rows (dense: one value for each of rows()), keeping the origin.
  BatchPtr with_columns(SchemaPtr schema, std::vector<ColumnPtr> columns) const;
  BatchPtr with_origin(Origin origin) const;

  /// Bytes kept in memory by the columns.
  size_t memory() const;
  /// One line a row, values parted by `|`. For tests and messages.
  std::string to_string() const;

 private:
  SchemaPtr schema_;
  std::vector<ColumnPtr> columns_;
  size_t physical_rows_;
  std::shared_ptr<const Selection> selection_;
  std::optional<Origin> origin_;
};

/// Collects rows column by column. Requires: before finish() every builder has the same size.
class BatchBuilder {
 public:
  explicit BatchBuilder(SchemaPtr schema);
  ColumnBuilder& column(size_t index) { return builders_[index]; }
  const SchemaPtr& schema() const { return schema_; }
  size_t rows() const { return builders_.empty() ? 0 : builders_.front().size(); }
  /// The batch so far; the builder is empty afterwards.
  BatchPtr finish();

 private:
  SchemaPtr schema_;
  std::vector<ColumnBuilder> builders_;
};

/// All rows of the batches in one. Requires: at least one batch, all of the same schema. The origin is lost.
BatchPtr concatenate(const std::vector<BatchPtr>& batches);

}  // namespace penstock
