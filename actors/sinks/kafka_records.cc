#include "actors/sinks/kafka_records.h"

#include "actors/sinks/record_id.h"
#include "messages/csv_writer.h"
#include "messages/json_writer.h"
#include "messages/protobuf_batch.h"

namespace penstock {
namespace {

constexpr int64_t kMicrosPerMilli = 1000;

Result<ColumnPtr> values_of(const sql::Expression& expression, const std::string& of, const RecordBatch& batch) {
  sql::Evaluated values = expression.evaluate(batch);
  if (!values.errors.empty())
    return invalid_argument(of + ": " + values.errors.front().message);
  return std::move(values.column);
}

// Text as it is, other values as they are shown; `text` keeps what is made for it.
std::string_view value_text(const Column& column, size_t row, std::string& text) {
  if (column.type() == Type::kString || column.type() == Type::kJson)
    return column.string(row);
  text = column.to_string(row);
  return text;
}

}  // namespace

struct KafkaRecords::Values {
  const RecordBatch& batch;
  BatchPtr made = nullptr;  // of `columns`
  ColumnPtr key = nullptr, partition = nullptr;
  std::vector<ColumnPtr> headers = {};

  const RecordBatch& payload() const { return made ? *made : batch; }
};

KafkaRecords::KafkaRecords(KafkaRecordOptions options)
    : options_(std::move(options)), header_texts_(options_.headers.size()) {
  headers_.reserve(options_.headers.size() + 1);
}

Status KafkaRecords::each(const RecordBatch& batch, uint32_t partitions, const Take& take) {
  Values values{batch};
  if (!options_.columns.empty()) {
    std::vector<ColumnPtr> columns;
    for (size_t c = 0; c < options_.columns.size(); ++c) {
      PENSTOCK_ASSIGN(ColumnPtr column,
                      values_of(options_.columns[c], "columns." + options_.schema->field(c).name, batch));
      columns.push_back(std::move(column));
    }
    values.made = batch.with_columns(options_.schema, std::move(columns));
  }
  if (options_.key) {
    PENSTOCK_ASSIGN(values.key, values_of(*options_.key, "key", batch));
  }
  if (options_.partition) {
    PENSTOCK_ASSIGN(values.partition, values_of(*options_.partition, "partition", batch));
  }
  for (const auto& [name, expression] : options_.headers) {
    PENSTOCK_ASSIGN(ColumnPtr column, values_of(expression, "headers." + name, batch));
    values.headers.push_back(std::move(column));
  }
  for (size_t i = 0; i < batch.rows(); ++i) {
    KafkaMessage message;
    payload(values, i, message);
    key(values, i, message);
    headers(values, i, message);
    PENSTOCK_TRY(partition(values, i, partitions, message));
    if (options_.timestamp)
      if (const int64_t at = batch.column(*options_.timestamp)->int64s()[batch.row(i)]; at >= kMicrosPerMilli)
        message.timestamp_ms = at / kMicrosPerMilli;  // a null is 0
    PENSTOCK_TRY(take(message));
  }
  return ok();
}

void KafkaRecords::payload(const Values& values, size_t i, KafkaMessage& message) {
  const RecordBatch& rows = values.payload();
  payload_.clear();
  switch (options_.format) {
    case KafkaFormat::kJson: append_row_json(rows, i, payload_); break;
    case KafkaFormat::kCsv:
      append_row_csv(rows, i, payload_);
      payload_.pop_back();  // the line's end
      break;
    case KafkaFormat::kProtobuf: payload_ = encode_protobuf_batch(*rows.slice(i, 1)); break;
    case KafkaFormat::kRaw:
      if (!rows.column(0)->is_null(rows.row(i)))
        message.value = value_text(*rows.column(0), rows.row(i), payload_);
      return;
  }
  message.value = payload_;
}

void KafkaRecords::key(const Values& values, size_t i, KafkaMessage& message) {
  const std::vector<size_t>& columns = options_.key_columns;
  const size_t row = values.batch.row(i);
  if (values.key) {
    if (!values.key->is_null(i))
      message.key = value_text(*values.key, i, key_);
  } else if (columns.size() == 1) {
    if (const Column& column = *values.batch.column(columns.front()); !column.is_null(row))
      message.key = value_text(column, row, key_);
  } else if (!columns.empty()) {
    key_ = "[";
    for (const size_t column : columns) {
      key_ += column == columns.front() ? "" : ",";
      append_value_json(*values.batch.column(column), row, key_);
    }
    key_ += "]";
    message.key = key_;
  }
}

void KafkaRecords::headers(const Values& values, size_t i, KafkaMessage& message) {
  headers_.clear();
  id_ = record_id(options_.log, values.batch.origin()->partition, values.batch.offset(i));
  headers_.push_back({kRecordIdHeader, id_});
  for (size_t h = 0; h < values.headers.size(); ++h)
    if (!values.headers[h]->is_null(i))
      headers_.push_back({options_.headers[h].first.c_str(), value_text(*values.headers[h], i, header_texts_[h])});
  message.headers = headers_;
}

Status KafkaRecords::partition(const Values& values, size_t i, uint32_t partitions, KafkaMessage& message) const {
  if (!values.partition)
    return ok();
  const int64_t number = values.partition->is_null(i) ? -1 : values.partition->int64s()[i];
  if (number < 0 || number >= static_cast<int64_t>(partitions))
    return invalid_argument("partition " + values.partition->to_string(i) + " is none of the topic " + options_.topic +
                            ", which has 0 to " + std::to_string(partitions - 1));
  message.partition = static_cast<uint32_t>(number);
  return ok();
}

}  // namespace penstock
