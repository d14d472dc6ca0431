#include "messages/json_rows.h"

#include <algorithm>

#include "core/nearest.h"
#include "messages/number_text.h"
#include "messages/timestamp.h"

namespace penstock {
namespace {

constexpr size_t kMaxGuesses = 256;

}  // namespace

JsonRows::JsonRows(SchemaPtr schema, const TimestampUnits& units, const UnknownFields& unknown)
    : schema_(std::move(schema)), builder_(schema_), filled_in_(schema_->size(), 0), unknown_(unknown.policy) {
  if (unknown_ == UnknownFields::Policy::kKeep)
    if (const auto column = schema_->index_of(unknown.column))
      kept_field_ = static_cast<int>(*column);
  for (const Field& field : schema_->fields())
    units_.push_back(units.of(field.name));
}

void JsonRows::reserve(size_t rows) {
  for (size_t i = 0; i < schema_->size(); ++i)
    builder_.column(i).reserve(rows);
}

bool JsonRows::append(JsonCursor& cursor, bool alone) {
  rows_ = builder_.rows();
  ++record_;
  filled_ = 0;
  field_ = kUnknown;
  missing_ = false;
  kept_.clear();
  if (append_members(cursor) && (!alone || cursor.at_end() || cursor.fail("the end of the record")) && append_kept() &&
      (filled_ == schema_->size() || fill_missing()))
    return true;
  if (expected_.empty())
    expected_ = cursor.expected();
  roll_back();
  return false;
}

bool JsonRows::append_members(JsonCursor& cursor) {
  expected_.clear();
  if (!cursor.take('{'))
    return cursor.fail("an object");
  if (cursor.take('}'))
    return true;
  for (size_t place = 0;; ++place) {
    if (!append_member(cursor, place))
      return false;
    if (cursor.take(','))
      continue;
    return cursor.take('}') || cursor.fail("',' or '}'");
  }
}

bool JsonRows::append_member(JsonCursor& cursor, size_t place) {
  int field = kUnknown;
  const size_t name = cursor.token();
  if (!take_name(cursor, place, field))
    return false;
  if (!cursor.take(':'))
    return cursor.fail("':'");
  if (field == kUnknown && unknown_ != UnknownFields::Policy::kDrop)
    return append_unknown(cursor, name);
  if (field == kUnknown || filled_in_[field] == record_)
    return cursor.skip_value();
  filled_in_[field] = record_;
  ++filled_;
  field_ = field;
  if (!append_value(cursor, field))
    return false;
  field_ = kUnknown;
  return true;
}

// The cursor stands on the value, `name` is the token of the member's name.
bool JsonRows::append_unknown(JsonCursor& cursor, size_t name) {
  const size_t value = cursor.token();
  cursor.seek(name);
  std::string_view raw;
  if (unknown_ == UnknownFields::Policy::kReject) {
    const auto meant = cursor.take_raw_string(raw) ? nearest(raw, schema_->names()) : std::nullopt;
    cursor.seek(name);
    expected_ = "a column of the schema" + (meant ? " (did you mean " + *meant + "?)" : "");
    return false;
  }
  if (!cursor.take_raw_string(raw))
    return false;
  cursor.seek(value);
  if (kept_.empty())
    kept_names_.clear();
  if (std::find(kept_names_.begin(), kept_names_.end(), raw) != kept_names_.end())
    return cursor.skip_value();
  kept_names_.emplace_back(raw);
  kept_.append(kept_.empty() ? "{\"" : ",\"").append(raw).append("\":");
  return cursor.take_minified(kept_);
}

bool JsonRows::append_kept() {
  if (kept_field_ == kUnknown)
    return true;
  filled_in_[kept_field_] = record_;
  ++filled_;
  ColumnBuilder& column = builder_.column(kept_field_);
  kept_.empty() ? column.append_null() : column.append_string(kept_.append("}"));
  return true;
}

bool JsonRows::take_name(JsonCursor& cursor, size_t place, int& field) {
  if (place < guesses_.size() && cursor.take_same_string(guesses_[place].name)) {
    field = guesses_[place].field;
    return true;
  }
  if (cursor.peek() != '"')
    return cursor.fail("a member's name");
  std::string_view raw, name;
  const size_t start = cursor.token();
  if (!cursor.take_raw_string(raw))
    return false;
  cursor.seek(start);
  if (!cursor.take_string(name, scratch_))
    return false;
  const auto index = schema_->index_of(name);
  field = index && static_cast<int>(*index) != kept_field_ ? static_cast<int>(*index) : kUnknown;
  if (place >= kMaxGuesses)
    return true;
  if (place >= guesses_.size())
    guesses_.resize(place + 1, {"\"", kUnknown});  // a name that cannot be
  guesses_[place] = {std::string(raw), field};
  return true;
}

bool JsonRows::wrong_type(Type type) {
  expected_ = type_name(type);
  return false;
}

bool JsonRows::append_value(JsonCursor& cursor, int field) {
  const Type type = schema_->field(field).type;
  ColumnBuilder& column = builder_.column(field);
  const char first = cursor.peek();
  if (first == 'n' && cursor.token_text() == "null")
    return append_null(cursor, field);
  switch (type) {
    case Type::kString: {
      std::string_view text;
      if (first != '"')
        return wrong_type(type);
      if (!cursor.take_string(text, scratch_))
        return false;
      column.append_string(text);
      return true;
    }
    case Type::kInt64: {
      int64_t number = 0;
      if (cursor.at_end() || !parse_json_int64(cursor.token_text(), number))
        return wrong_type(type);
      column.append_int64(number);
      break;
    }
    case Type::kFloat64: {
      double number = 0;
      if (cursor.at_end() || !parse_json_float64(cursor.token_text(), number))
        return wrong_type(type);
      column.append_float64(number);
      break;
    }
    case Type::kBool: {
      const std::string_view text = cursor.at_end() ? std::string_view() : cursor.token_text();
      if (text != "true" && text != "false")
        return wrong_type(type);
      column.append_bool(text == "true");
      break;
    }
    case Type::kTimestamp: return append_timestamp(cursor, field);
    case Type::kJson: {
      scratch_.clear();
      if (!cursor.take_minified(scratch_))
        return false;
      column.append_string(scratch_);
      return true;
    }
  }
  cursor.seek(cursor.token() + 1);
  return true;
}

bool JsonRows::append_null(JsonCursor& cursor, int field) {
  const Field& declared = schema_->field(field);
  if (declared.required)
    return wrong_type(declared.type);
  builder_.column(field).append_null();
  cursor.seek(cursor.token() + 1);
  return true;
}

bool JsonRows::append_timestamp(JsonCursor& cursor, int field) {
  std::optional<Timestamp> moment;
  const size_t start = cursor.token();
  if (cursor.peek() == '"') {
    std::string_view text;
    if (!cursor.take_string(text, scratch_))
      return false;
    moment = parse_timestamp(text);
  } else if (!cursor.at_end()) {
    moment = timestamp_from_number(cursor.token_text(), units_[field]);
    cursor.seek(start + 1);
  }
  if (!moment) {
    cursor.seek(start);
    expected_ = "timestamp (ISO 8601, or a number in " + std::string(timestamp_unit_name(units_[field])) + ")";
    return false;
  }
  builder_.column(field).append_int64(moment->micros);
  return true;
}

bool JsonRows::fill_missing() {
  for (size_t i = 0; i < schema_->size(); ++i) {
    if (filled_in_[i] == record_)
      continue;
    if (schema_->field(i).required) {
      field_ = static_cast<int>(i);
      missing_ = true;
      return wrong_type(schema_->field(i).type);
    }
    builder_.column(i).append_null();
  }
  return true;
}

void JsonRows::roll_back() {
  for (size_t i = 0; i < schema_->size(); ++i)
    while (builder_.column(i).size() > rows_)
      builder_.column(i).pop();
}

}  // namespace penstock
