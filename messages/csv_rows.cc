#include "messages/csv_rows.h"

#include <algorithm>

#include "core/nearest.h"
#include "messages/json_text.h"
#include "messages/json_writer.h"
#include "messages/number_text.h"
#include "messages/timestamp.h"
#include "messages/utf8.h"

namespace penstock {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

std::optional<bool> parse_bool(std::string_view text) {
  if (text.size() > 5)
    return std::nullopt;
  std::string lower(text);
  for (char& c : lower)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (lower == "true" || lower == "t" || lower == "1")
    return true;
  if (lower == "false" || lower == "f" || lower == "0")
    return false;
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names)
    out.append(out.empty() ? "" : ", ").append(shorten(name));
  return out;
}

}  // namespace

CsvRows::CsvRows(SchemaPtr schema, const CsvOptions& options)
    : schema_(std::move(schema)),
      encoding_(options.encoding),
      empty_is_null_(options.empty_is_null),
      unknown_(options.unknown_fields),
      builder_(schema_) {
  if (unknown_.policy == UnknownFields::Policy::kKeep)
    kept_field_ = schema_->index_of(unknown_.column);
  for (const Field& field : schema_->fields())
    units_.push_back(options.timestamp_units.of(field.name));
}

Status CsvRows::set_columns(std::vector<std::string> names) {
  std::vector<size_t> places;
  for (size_t i = 0; i < schema_->size(); ++i) {
    const Field& field = schema_->field(i);
    if (i == kept_field_) {
      places.push_back(names.size());
      continue;
    }
    const auto found = std::find(names.begin(), names.end(), field.name);
    if (found == names.end()) {
      const auto meant = nearest(field.name, names);
      return invalid_argument("no column " + field.name + " among the columns " + joined(names) +
                              (meant ? "; did you mean " + shorten(*meant) + "?" : ""));
    }
    if (std::find(found + 1, names.end(), field.name) != names.end())
      return invalid_argument("two columns are named " + field.name + " among the columns " + joined(names));
    places.push_back(static_cast<size_t>(found - names.begin()));
  }
  kept_places_.clear();
  for (size_t place = 0; place < names.size(); ++place) {
    if (std::find(places.begin(), places.end(), place) != places.end())
      continue;
    const auto meant = nearest(names[place], schema_->names());
    if (unknown_.policy == UnknownFields::Policy::kReject)
      return invalid_argument("the schema has no column " + shorten(names[place]) +
                              (meant ? "; did you mean " + *meant + "?" : ""));
    kept_places_.push_back(place);
  }
  columns_ = std::move(names);
  places_ = std::move(places);
  return ok();
}

bool CsvRows::append(std::span<const CsvField> fields) {
  if (fields.size() != columns_.size()) {
    error_ = {};
    error_.expected = std::to_string(columns_.size()) + (columns_.size() == 1 ? " column" : " columns");
    error_.found = std::to_string(fields.size());
    wrong_field_ = nullptr;
    return false;
  }
  const size_t rows = builder_.rows();
  for (size_t i = 0; i < places_.size(); ++i) {
    if (i == kept_field_) {
      append_kept(fields);
      continue;
    }
    if (append_value(i, fields[places_[i]]))
      continue;
    for (size_t c = 0; c < i; ++c)
      while (builder_.column(c).size() > rows)
        builder_.column(c).pop();
    return false;
  }
  return true;
}

// As an object of texts; empty fields are left out.
void CsvRows::append_kept(std::span<const CsvField> fields) {
  std::string kept, text;
  for (const size_t place : kept_places_) {
    if (fields[place].missing || fields[place].text.empty())
      continue;
    text = fields[place].text;
    if (encoding_ == TextEncoding::kLatin1)
      text.clear(), append_latin1(fields[place].text, text);
    kept += kept.empty() ? '{' : ',';
    append_json_string(columns_[place], kept);
    kept += ':';
    append_json_string(text, kept);
  }
  ColumnBuilder& column = builder_.column(*kept_field_);
  kept.empty() ? column.append_null() : column.append_string(kept + "}");
}

bool CsvRows::wrong(size_t column, const CsvField& field, std::string expected) {
  error_ = {};
  error_.field = schema_->field(column).name;
  error_.expected = std::move(expected);
  error_.found = field.missing ? "nothing" : "\"" + shorten(field.text) + "\"";
  wrong_field_ = &field;
  return false;
}

bool CsvRows::append_value(size_t column, const CsvField& field) {
  const Field& declared = schema_->field(column);
  ColumnBuilder& builder = builder_.column(column);
  if (declared.type == Type::kString && (!field.missing || !empty_is_null_))
    return append_text(column, field.text) || wrong(column, field, "UTF-8 text");
  const std::string_view text = trimmed(field.text);
  if (text.empty()) {
    if (declared.required || !(field.missing || declared.type != Type::kString))
      return wrong(column, field, std::string(type_name(declared.type)));
    builder.append_null();
    return true;
  }
  switch (declared.type) {
    case Type::kInt64:
      if (int64_t number = 0; parse_int64(text, number)) {
        builder.append_int64(number);
        return true;
      }
      break;
    case Type::kFloat64:
      if (double number = 0; parse_float64(text, number)) {
        builder.append_float64(number);
        return true;
      }
      break;
    case Type::kBool:
      if (const auto value = parse_bool(text)) {
        builder.append_bool(*value);
        return true;
      }
      break;
    case Type::kTimestamp: {
      auto moment = timestamp_from_number(text, units_[column]);
      if (!moment)
        moment = parse_timestamp(text);
      if (!moment)
        return wrong(column, field,
                     "timestamp (ISO 8601, or a number in " + std::string(timestamp_unit_name(units_[column])) + ")");
      builder.append_int64(moment->micros);
      return true;
    }
    case Type::kJson: {
      scratch_.clear();
      if (encoding_ == TextEncoding::kLatin1)
        append_latin1(text, scratch_);
      auto minified = minify_json(encoding_ == TextEncoding::kLatin1 ? std::string_view(scratch_) : text);
      if (!minified.ok())
        break;
      builder.append_string(*minified);
      return true;
    }
    case Type::kString: break;
  }
  return wrong(column, field, std::string(type_name(declared.type)));
}

bool CsvRows::append_text(size_t column, std::string_view text) {
  if (encoding_ == TextEncoding::kUtf8) {
    if (!valid_utf8(text))
      return false;
    builder_.column(column).append_string(text);
    return true;
  }
  scratch_.clear();
  append_latin1(text, scratch_);
  builder_.column(column).append_string(scratch_);
  return true;
}

}  // namespace penstock
