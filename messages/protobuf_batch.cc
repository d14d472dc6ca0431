#include "messages/protobuf_batch.h"

#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <set>

#include "messages/batch_codec.h"
#include "messages/json_text.h"
#include "messages/penstock.pb.h"
#include "messages/utf8.h"

namespace penstock {
namespace {

bool is_text(Type type) { return type == Type::kString || type == Type::kJson; }

void encode_column(const Column& column, contract::Column& out) {
  if (column.has_nulls()) {
    const std::span<const uint64_t> words = column.validity();
    out.set_validity(reinterpret_cast<const char*>(words.data()), (column.size() + 7) / 8);
  }
  if (column.type() == Type::kBool) {
    out.mutable_bools()->Add(column.bools().begin(), column.bools().end());
  } else if (column.type() == Type::kFloat64) {
    out.mutable_float64s()->Add(column.float64s().begin(), column.float64s().end());
  } else if (is_text(column.type())) {
    out.mutable_lengths()->Reserve(static_cast<int>(column.size()));
    for (size_t row = 0; row < column.size(); ++row)
      out.add_lengths(column.offsets()[row + 1] - column.offsets()[row]);
    out.set_text(column.bytes().data(), column.bytes().size());
  } else {
    out.mutable_int64s()->Add(column.int64s().begin(), column.int64s().end());
  }
}

int values_of(const contract::Column& column, Type type) {
  if (type == Type::kBool)
    return column.bools_size();
  if (type == Type::kFloat64)
    return column.float64s_size();
  return is_text(type) ? column.lengths_size() : column.int64s_size();
}

Result<Bitmap> decode_validity(const contract::Column& column, size_t rows) {
  if (column.validity().empty())
    return Bitmap{};
  if (column.validity().size() != (rows + 7) / 8)
    return invalid_argument("its validity has " + std::to_string(column.validity().size()) + " bytes, expected " +
                            std::to_string((rows + 7) / 8));
  Bitmap bits((rows + 63) / 64, 0);
  std::copy(column.validity().begin(), column.validity().end(), reinterpret_cast<char*>(bits.data()));
  if (rows % 64 != 0)
    bits.back() &= (1ULL << (rows % 64)) - 1;
  size_t valid = 0;
  for (const uint64_t word : bits)
    valid += static_cast<size_t>(std::popcount(word));
  return valid == rows ? Bitmap{} : bits;
}

// A null row's value is the placeholder that Column promises, whatever the sender put there.
bool is_valid(const Bitmap& validity, size_t row) { return validity.empty() || bit(validity, row); }

Result<ColumnPtr> decode_texts(const contract::Column& column, Type type, size_t rows, Bitmap validity) {
  uint64_t total = 0;
  for (const uint32_t length : column.lengths())
    total += length;
  if (total != column.text().size())
    return invalid_argument("its lengths add up to " + std::to_string(total) + " bytes, but its text has " +
                            std::to_string(column.text().size()));
  std::vector<uint32_t> offsets = {0};
  offsets.reserve(rows + 1);
  std::string bytes;
  bytes.reserve(column.text().size());
  std::string_view rest = column.text();
  for (size_t row = 0; row < rows; ++row) {
    const std::string_view value = rest.substr(0, column.lengths(static_cast<int>(row)));
    rest.remove_prefix(value.size());
    if (is_valid(validity, row) && type == Type::kJson) {
      auto json = minify_json(value);
      if (!json.ok())
        return json.status().with_context("row " + std::to_string(row) + " is no JSON");
      bytes += *json;
    } else if (is_valid(validity, row)) {
      if (!valid_utf8(value))
        return invalid_argument("row " + std::to_string(row) + " is not UTF-8");
      bytes += value;
    }
    offsets.push_back(static_cast<uint32_t>(bytes.size()));
  }
  return Column::strings(std::move(offsets), std::move(bytes), std::move(validity), type);
}

Result<ColumnPtr> decode_column(const contract::Column& column, const Field& field, size_t rows) {
  if (const int values = values_of(column, field.type); static_cast<size_t>(values) != rows)
    return invalid_argument("it has " + std::to_string(values) + " values of type " +
                            std::string(type_name(field.type)) + ", expected " + std::to_string(rows));
  PENSTOCK_ASSIGN(Bitmap validity, decode_validity(column, rows));
  if (field.required && !validity.empty())
    return invalid_argument("it has null values, but is required");
  const auto fill = [&]<class T>(const auto& values, std::vector<T> out) {
    for (size_t row = 0; row < rows; ++row)
      out[row] = is_valid(validity, row) ? static_cast<T>(values.Get(static_cast<int>(row))) : T{};
    return out;
  };
  switch (field.type) {
    case Type::kBool: {
      auto values = fill(column.bools(), std::vector<uint8_t>(rows));
      return Column::bools(std::move(values), std::move(validity));
    }
    case Type::kFloat64: {
      auto values = fill(column.float64s(), std::vector<double>(rows));
      return Column::float64s(std::move(values), std::move(validity));
    }
    case Type::kInt64:
    case Type::kTimestamp: {
      auto values = fill(column.int64s(), std::vector<int64_t>(rows));
      return Column::int64s(std::move(values), std::move(validity), field.type);
    }
    case Type::kString:
    case Type::kJson: break;
  }
  return decode_texts(column, field.type, rows, std::move(validity));
}

Result<std::vector<Field>> decode_fields(const contract::RecordBatch& message) {
  std::vector<Field> fields;
  std::set<std::string_view> names;
  for (const contract::Field& field : message.fields()) {
    if (field.type() < contract::FIELD_TYPE_BOOL || field.type() > contract::FIELD_TYPE_JSON)
      return invalid_argument("field " + field.name() + " has the unknown type " + std::to_string(field.type()));
    if (!names.insert(field.name()).second)
      return invalid_argument("two fields are named " + field.name());
    fields.push_back({field.name(), static_cast<Type>(field.type()), field.required()});
  }
  return fields;
}

}  // namespace

std::string encode_protobuf_batch(const RecordBatch& batch) {
  if (batch.selection() != nullptr)
    return encode_protobuf_batch(*batch.compact());
  contract::RecordBatch message;
  message.set_rows(batch.rows());
  for (const Field& field : batch.schema()->fields()) {
    contract::Field& out = *message.add_fields();
    out.set_name(field.name);
    out.set_type(static_cast<contract::FieldType>(field.type));
    out.set_required(field.required);
  }
  for (const ColumnPtr& column : batch.columns())
    encode_column(*column, *message.add_columns());
  return message.SerializeAsString();
}

Result<BatchPtr> decode_protobuf_batch(std::string_view bytes, SchemaPtr expected) {
  const google::protobuf::LogSilencer quiet;  // what is wrong is in the status
  contract::RecordBatch message;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return invalid_argument("the " + std::to_string(bytes.size()) + " bytes are no penstock.contract.RecordBatch");
  if (message.rows() > kMaxBatchRows)
    return invalid_argument("the batch has " + std::to_string(message.rows()) + " rows, at most " +
                            std::to_string(kMaxBatchRows) + " are taken");
  if (message.fields_size() != message.columns_size())
    return invalid_argument("the batch has " + std::to_string(message.fields_size()) + " fields, but " +
                            std::to_string(message.columns_size()) + " columns");
  PENSTOCK_ASSIGN(std::vector<Field> fields, decode_fields(message));
  auto schema = std::make_shared<const Schema>(std::move(fields));
  std::vector<ColumnPtr> columns;
  for (size_t i = 0; i < schema->size(); ++i) {
    auto column = decode_column(message.columns(static_cast<int>(i)), schema->field(i), message.rows());
    if (!column.ok())
      return column.status().with_context("column " + schema->field(i).name);
    columns.push_back(std::move(*column));
  }
  if (expected == nullptr)
    return std::make_shared<const RecordBatch>(std::move(schema), std::move(columns), message.rows());
  std::vector<ColumnPtr> ordered;
  for (const Field& field : expected->fields()) {
    const auto index = schema->index_of(field.name);
    if (!index || schema->field(*index) != field || schema->size() != expected->size())
      return invalid_argument("the batch has the schema (" + schema->to_string() + "), expected (" +
                              expected->to_string() + ")");
    ordered.push_back(columns[*index]);
  }
  if (schema->size() != expected->size())
    return invalid_argument("the batch has the schema (" + schema->to_string() + "), expected ()");
  return std::make_shared<const RecordBatch>(std::move(expected), std::move(ordered), message.rows());
}

}  // namespace penstock
