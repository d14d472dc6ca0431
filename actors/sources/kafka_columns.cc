#include "actors/sources/kafka_columns.h"

#include <algorithm>
#include <charconv>

#include "messages/decode_error.h"
#include "messages/utf8.h"
#include "topology/bind_helpers.h"
#include "topology/hint.h"

namespace penstock {
namespace {

using From = KafkaColumn::From;

constexpr std::string_view kHeaderPrefix = "header.";

struct Word {
  const char* name;
  From from;
  std::initializer_list<Type> types;
};
const Word kWords[] = {
    {"key", From::kKey, {Type::kString, Type::kInt64}},  {"topic", From::kTopic, {Type::kString}},
    {"partition", From::kPartition, {Type::kInt64}},     {"offset", From::kOffset, {Type::kInt64}},
    {"timestamp", From::kTimestamp, {Type::kTimestamp}},
};

std::optional<KafkaColumn> read_entry(const std::string& name, const topology::PropertyValue& value,
                                      const SchemaPtr& schema, topology::Diagnostics& diagnostics) {
  const std::string& text = std::get<std::string>(value.value);
  KafkaColumn out;
  std::initializer_list<Type> types = {Type::kString, Type::kInt64};
  const auto* word = std::find_if(std::begin(kWords), std::end(kWords), [&](const Word& w) { return text == w.name; });
  if (text.starts_with(kHeaderPrefix) && text.size() > kHeaderPrefix.size()) {
    out.from = From::kHeader;
    out.header = text.substr(kHeaderPrefix.size());
  } else if (word != std::end(kWords)) {
    out.from = word->from;
    types = word->types;
  } else {
    diagnostics.error(value.place, "unknown-choice", "a column cannot be filled from \"" + text + "\"",
                      topology::nearest_hint(text, {"key", "topic", "partition", "offset", "timestamp", "header.NAME"},
                                             "it is one of"));
    return std::nullopt;
  }
  const auto column = topology::check_column(name, value.key_place, schema, diagnostics, types);
  if (!column)
    return std::nullopt;
  out.column = *column;
  return out;
}

// The text of a key or header as a value of the column. Why not, if it is none.
std::string append_text(std::optional<std::string_view> text, const Field& field, ColumnBuilder& out) {
  if (!text) {
    out.append_null();
    return field.required ? field.name + ": expected " + std::string(type_name(field.type)) + ", found nothing" : "";
  }
  if (field.type == Type::kInt64) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    const bool good = error == std::errc() && end == text->data() + text->size();
    out.append_int64(number);
    return good ? "" : field.name + ": expected int64, found \"" + shorten(*text) + "\"";
  }
  if (!valid_utf8(*text)) {
    out.append_null();
    return field.name + ": expected text in UTF-8, found \"" + shorten(*text) + "\"";
  }
  out.append_string(*text);
  return "";
}

std::string append_value(const KafkaRecord& record, const KafkaColumn& column, const Field& field, ColumnBuilder& out) {
  switch (column.from) {
    case From::kKey: return append_text(record.key(), field, out);
    case From::kHeader: return append_text(record.header(column.header), field, out);
    case From::kTopic: return append_text(record.partition().topic, field, out);
    case From::kPartition: out.append_int64(record.partition().number); return "";
    case From::kOffset: out.append_int64(record.offset()); return "";
    case From::kTimestamp:
      if (const auto millis = record.timestamp_millis()) {
        out.append_int64(*millis * 1000);
        return "";
      }
      return append_text(std::nullopt, field, out);
  }
  return "";
}

}  // namespace

topology::Property kafka_columns_property() {
  return {.name = "columns",
          .kind = topology::Kind::kMap,
          .meaning =
              "Columns of the schema that are not in the payload, and what fills them: `key`, `header.NAME`, "
              "`topic`, `partition`, `offset`, `timestamp`.",
          .minimum = 1};
}

std::vector<KafkaColumn> check_kafka_columns(const topology::Component& component, const SchemaPtr& schema,
                                             topology::Diagnostics& diagnostics) {
  std::vector<KafkaColumn> out;
  if (!component.has("columns"))
    return out;
  for (const auto& [name, value] : component.map("columns"))
    if (auto column = read_entry(name, value, schema, diagnostics))
      out.push_back(std::move(*column));
  if (schema && out.size() == schema->fields().size())
    diagnostics.error(component.place_of("columns"), "conflict", "columns leaves nothing of the schema to the payload",
                      "leave one of its columns out");
  return out;
}

SchemaPtr payload_schema(const SchemaPtr& schema, const std::vector<KafkaColumn>& columns) {
  std::vector<Field> fields;
  for (size_t i = 0; schema && i < schema->fields().size(); ++i)
    if (std::none_of(columns.begin(), columns.end(), [&](const KafkaColumn& column) { return column.column == i; }))
      fields.push_back(schema->field(i));
  return fields.empty() ? nullptr : std::make_shared<const Schema>(std::move(fields));
}

KafkaFilled fill_kafka_columns(const SchemaPtr& schema, const std::vector<KafkaColumn>& columns,
                               const BatchPtr& decoded, std::span<const KafkaRecord* const> records) {
  KafkaFilled out;
  const BatchPtr dense = decoded->selection() ? decoded->compact() : decoded;
  std::vector<std::string> reasons(records.size());
  std::vector<ColumnPtr> filled(schema->fields().size());
  for (const KafkaColumn& column : columns) {
    const Field& field = schema->field(column.column);
    ColumnBuilder builder(field.type);
    builder.reserve(records.size());
    for (size_t row = 0; row < records.size(); ++row)
      if (std::string reason = append_value(*records[row], column, field, builder);
          !reason.empty() && reasons[row].empty())
        reasons[row] = std::move(reason);
    filled[column.column] = builder.finish();
  }
  size_t next = 0;
  for (ColumnPtr& column : filled)
    if (!column)
      column = dense->column(next++);
  Selection good;
  for (uint32_t row = 0; row < records.size(); ++row)
    if (reasons[row].empty())
      good.push_back(row);
    else
      out.errors.emplace_back(row, std::move(reasons[row]));
  out.batch = RecordBatch::make(schema, std::move(filled));
  if (!out.errors.empty())
    out.batch = out.batch->select(std::move(good))->compact();
  return out;
}

}  // namespace penstock
