#include "tests/fuzz/input.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "messages/json_text.h"
#include "messages/utf8.h"

namespace penstock::fuzz {
namespace {

SchemaPtr make_schema(std::vector<Field> fields) { return std::make_shared<const Schema>(std::move(fields)); }

std::vector<SchemaPtr> make_schemas() {
  return {
      make_schema({{"b", Type::kBool},
                   {"i", Type::kInt64},
                   {"f", Type::kFloat64},
                   {"s", Type::kString},
                   {"at", Type::kTimestamp},
                   {"doc", Type::kJson}}),
      every_type(),
      make_schema({{"id", Type::kInt64, true}, {"note", Type::kString}}),
      make_schema({{"s", Type::kString}}),
  };
}

std::string value_text(const Column& column, size_t row) {
  if (column.is_null(row))
    return "-";
  if (column.type() != Type::kFloat64)
    return column.type() == Type::kInt64 || column.type() == Type::kTimestamp ? std::to_string(column.int64s()[row])
                                                                              : column.to_string(row);
  const double value = column.float64s()[row];
  return std::isnan(value) ? "NaN" : std::to_string(std::bit_cast<uint64_t>(value));
}

bool placeholder(const Column& column, size_t row) {
  switch (column.type()) {
    case Type::kBool: return column.bools()[row] == 0;
    case Type::kInt64:
    case Type::kTimestamp: return column.int64s()[row] == 0;
    case Type::kFloat64: return column.float64s()[row] == 0;
    case Type::kString:
    case Type::kJson: return column.string(row).empty();
  }
  return false;
}

}  // namespace

size_t Input::below(size_t limit) {
  if (rest_.empty())
    return 0;
  const auto byte = static_cast<uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return static_cast<uint8_t>(byte - 'a') % limit;
}

std::string_view Input::line() {
  const size_t end = rest_.find('\n');
  const std::string_view out = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  return out;
}

void require(bool holds, std::string_view what, std::string_view detail) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %.*s\n%.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(detail.size()), detail.data());
  std::abort();
}

const SchemaPtr& every_type() {
  static const SchemaPtr schema = [] {
    std::vector<Field> fields;
    for (const Type type : {Type::kBool, Type::kInt64, Type::kFloat64, Type::kString, Type::kTimestamp, Type::kJson})
      for (const bool required : {true, false})
        fields.push_back({std::string(type_name(type)) + (required ? "" : "_or_null"), type, required});
    return make_schema(std::move(fields));
  }();
  return schema;
}

const SchemaPtr& schema_of(size_t choice) {
  static const std::vector<SchemaPtr> schemas = make_schemas();
  return schemas[choice % schemas.size()];
}

std::string exact_text(const RecordBatch& batch) {
  std::string out;
  for (size_t i = 0; i < batch.rows(); ++i) {
    for (const ColumnPtr& column : batch.columns())
      out += value_text(*column, batch.row(i)) + "|";
    out += "\n";
  }
  return out;
}

void require_sound(const RecordBatch& batch) {
  for (size_t c = 0; c < batch.columns().size(); ++c) {
    const Column& column = *batch.column(c);
    require(column.size() == batch.physical_rows(), "a column has a value for each row");
    require(column.type() == batch.schema()->field(c).type, "a column has its field's type");
    const bool text = column.type() == Type::kString || column.type() == Type::kJson;
    for (size_t row = 0; row < column.size(); ++row) {
      if (text)
        require(
            column.offsets()[row] <= column.offsets()[row + 1] && column.offsets()[row + 1] <= column.bytes().size(),
            "offsets of text ascend");
      if (column.is_null(row)) {
        require(!batch.schema()->field(c).required, "a required field is not null");
        require(placeholder(column, row), "a null row holds a placeholder");
      } else if (text) {
        require(valid_utf8(column.string(row)), "text is UTF-8", column.string(row));
        if (column.type() == Type::kJson)
          require(minify_json(column.string(row)).ok(), "json is valid", column.string(row));
      }
    }
  }
}

}  // namespace penstock::fuzz
