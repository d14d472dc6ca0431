#include "messages/record_batch.h"

#include <cassert>

namespace penstock {

RecordBatch::RecordBatch(SchemaPtr schema, std::vector<ColumnPtr> columns, size_t physical_rows)
    : schema_(std::move(schema)), columns_(std::move(columns)), physical_rows_(physical_rows) {
  assert(columns_.size() == schema_->size());
#ifndef NDEBUG
  for (size_t i = 0; i < columns_.size(); ++i)
    assert(columns_[i]->size() == physical_rows_ && columns_[i]->type() == schema_->field(i).type);
#endif
}

BatchPtr RecordBatch::make(SchemaPtr schema, std::vector<ColumnPtr> columns) {
  assert(!columns.empty());
  const size_t rows = columns.front()->size();
  return std::make_shared<RecordBatch>(std::move(schema), std::move(columns), rows);
}

BatchPtr RecordBatch::empty(SchemaPtr schema) { return BatchBuilder(std::move(schema)).finish(); }

Offset RecordBatch::offset(size_t i) const {
  const size_t physical = row(i);
  return origin_->offsets ? Offset((*origin_->offsets)[physical]) : origin_->first.next(physical);
}

BatchPtr RecordBatch::select(Selection rows) const {
  auto out = std::make_shared<RecordBatch>(*this);
  out->selection_ = std::make_shared<const Selection>(std::move(rows));
  return out;
}

BatchPtr RecordBatch::compact() const {
  if (!selection_)
    return std::make_shared<RecordBatch>(*this);
  std::vector<ColumnPtr> columns;
  columns.reserve(columns_.size());
  for (const ColumnPtr& column : columns_)
    columns.push_back(column->gather(*selection_));
  return with_columns(schema_, std::move(columns));
}

BatchPtr RecordBatch::slice(size_t from, size_t count) const {
  Selection rows(count);
  for (size_t i = 0; i < count; ++i)
    rows[i] = static_cast<uint32_t>(row(from + i));
  return select(std::move(rows));
}

BatchPtr RecordBatch::with_columns(SchemaPtr schema, std::vector<ColumnPtr> columns) const {
  auto out = std::make_shared<RecordBatch>(std::move(schema), std::move(columns), rows());
  out->origin_ = origin_;
  if (origin_ && selection_) {
    std::vector<uint64_t> offsets(rows());
    for (size_t i = 0; i < offsets.size(); ++i)
      offsets[i] = offset(i).value();
    out->origin_->offsets = std::make_shared<const std::vector<uint64_t>>(std::move(offsets));
  }
  return out;
}

BatchPtr RecordBatch::with_origin(Origin origin) const {
  auto out = std::make_shared<RecordBatch>(*this);
  out->origin_ = std::move(origin);
  return out;
}

size_t RecordBatch::memory() const {
  size_t total = sizeof(RecordBatch);
  for (const ColumnPtr& column : columns_)
    total += column->memory();
  return total;
}

std::string RecordBatch::to_string() const {
  std::string out;
  for (size_t i = 0; i < rows(); ++i) {
    for (size_t c = 0; c < columns_.size(); ++c)
      out += (c == 0 ? "" : "|") + columns_[c]->to_string(row(i));
    out += '\n';
  }
  return out;
}

BatchBuilder::BatchBuilder(SchemaPtr schema) : schema_(std::move(schema)) {
  for (const Field& field : schema_->fields())
    builders_.emplace_back(field.type);
}

BatchPtr BatchBuilder::finish() {
  const size_t count = rows();
  std::vector<ColumnPtr> columns;
  columns.reserve(builders_.size());
  for (ColumnBuilder& builder : builders_) {
    assert(builder.size() == count);
    columns.push_back(builder.finish());
  }
  return std::make_shared<RecordBatch>(schema_, std::move(columns), count);
}

BatchPtr concatenate(const std::vector<BatchPtr>& batches) {
  assert(!batches.empty());
  const SchemaPtr& schema = batches.front()->schema();
  if (batches.size() == 1 && batches.front()->selection() == nullptr)
    return std::make_shared<RecordBatch>(schema, batches.front()->columns(), batches.front()->rows());
  size_t rows = 0;
  for (const BatchPtr& batch : batches)
    rows += batch->rows();
  std::vector<ColumnPtr> columns;
  for (size_t c = 0; c < schema->size(); ++c) {
    ColumnBuilder builder(schema->field(c).type);
    builder.reserve(rows);
    for (const BatchPtr& batch : batches) {
      if (batch->selection() != nullptr)
        builder.append_rows(*batch->column(c), *batch->selection());
      else
        builder.append_all(*batch->column(c));
    }
    columns.push_back(builder.finish());
  }
  return std::make_shared<RecordBatch>(schema, std::move(columns), rows);
}

}  // namespace penstock
