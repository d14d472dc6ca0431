#include "messages/protobuf_rows.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>

#include <limits>

#include "messages/protobuf_json.h"
#include "messages/timestamp.h"
#include "messages/utf8.h"

namespace penstock {
namespace pb = google::protobuf;
namespace {

using FieldType = pb::FieldDescriptor;

std::optional<int64_t> integer_of(const pb::Message& message, const FieldType& field) {
  const pb::Reflection& of = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldType::CPPTYPE_INT32: return of.GetInt32(message, &field);
    case FieldType::CPPTYPE_UINT32: return of.GetUInt32(message, &field);
    case FieldType::CPPTYPE_ENUM: return of.GetEnumValue(message, &field);
    case FieldType::CPPTYPE_INT64: return of.GetInt64(message, &field);
    default: break;
  }
  const uint64_t number = of.GetUInt64(message, &field);
  return number > static_cast<uint64_t>(INT64_MAX) ? std::nullopt : std::optional(static_cast<int64_t>(number));
}

double number_of(const pb::Message& message, const FieldType& field) {
  const pb::Reflection& of = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldType::CPPTYPE_DOUBLE: return of.GetDouble(message, &field);
    case FieldType::CPPTYPE_FLOAT: return of.GetFloat(message, &field);
    case FieldType::CPPTYPE_UINT64: return static_cast<double>(of.GetUInt64(message, &field));
    default: return static_cast<double>(*integer_of(message, field));
  }
}

}  // namespace

class ProtobufRows::Impl {
 public:
  Impl(ProtobufTypePtr type, const SchemaPtr& schema, const ProtobufPaths& paths, const TimestampUnits& units)
      : type_(std::move(type)), schema_(schema), message_(type_->message()), builder_(schema) {
    for (const Field& field : schema->fields()) {
      paths_.push_back(*find_protobuf_path(type_->descriptor(), field, paths));
      units_.push_back(units.of(field.name));
    }
  }

  bool append(std::string_view bytes, DecodeError& error) {
    const pb::LogSilencer quiet;
    error = {};
    if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
        !message_->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      error.expected = "a message " + type_->descriptor().full_name();
      error.found = std::to_string(bytes.size()) + " bytes that are none";
      if (bytes.starts_with('\0'))
        error.found += " (they begin with 0, as bytes of a schema registry do)";
      return false;
    }
    if (!message_->IsInitialized()) {
      error.expected = "the required fields of " + type_->descriptor().full_name();
      error.found = "no " + message_->InitializationErrorString();
      return false;
    }
    const size_t rows = builder_.rows();
    for (size_t i = 0; i < paths_.size(); ++i) {
      if (append_column(i, error))
        continue;
      error.field = schema_->field(i).name;
      for (size_t j = 0; j < i; ++j)
        while (builder_.column(j).size() > rows)
          builder_.column(j).pop();
      return false;
    }
    return true;
  }

  BatchPtr finish() { return builder_.finish(); }

 private:
  bool append_column(size_t i, DecodeError& error) {
    const pb::Message* message = message_.get();
    for (const FieldType* field : paths_[i]) {
      const bool absent = !field->is_repeated() && field->has_presence() && !field->has_default_value() &&
                          !message->GetReflection()->HasField(*message, field);
      if (absent)
        return append_null(i, *field, error);
      if (field == paths_[i].back())
        return append_value(i, *message, *field, error);
      message = &message->GetReflection()->GetMessage(*message, field);
    }
    return false;
  }

  bool append_null(size_t i, const FieldType& field, DecodeError& error) {
    if (schema_->field(i).required)
      return wrong(error, std::string(type_name(schema_->field(i).type)), "no " + field.name());
    builder_.column(i).append_null();
    return true;
  }

  bool append_value(size_t i, const pb::Message& message, const FieldType& field, DecodeError& error) {
    const pb::Reflection& of = *message.GetReflection();
    ColumnBuilder& column = builder_.column(i);
    switch (schema_->field(i).type) {
      case Type::kBool: column.append_bool(of.GetBool(message, &field)); return true;
      case Type::kFloat64: column.append_float64(number_of(message, field)); return true;
      case Type::kInt64: {
        const auto number = integer_of(message, field);
        if (!number)
          return wrong(error, "int64", std::to_string(of.GetUInt64(message, &field)));
        column.append_int64(*number);
        return true;
      }
      case Type::kString: return append_text(column, message, field, error);
      case Type::kTimestamp: return append_timestamp(i, message, field, error);
      case Type::kJson: break;
    }
    scratch_.clear();
    if (!append_protobuf_json(message, field, scratch_))
      return wrong(error, "UTF-8 text", "text that is not");
    column.append_string(scratch_);
    return true;
  }

  bool append_text(ColumnBuilder& column, const pb::Message& message, const FieldType& field, DecodeError& error) {
    const pb::Reflection& of = *message.GetReflection();
    if (field.cpp_type() == FieldType::CPPTYPE_ENUM) {
      const int number = of.GetEnumValue(message, &field);
      const pb::EnumValueDescriptor* value = field.enum_type()->FindValueByNumber(number);
      column.append_string(value != nullptr ? value->name() : std::to_string(number));
      return true;
    }
    const std::string& text = of.GetStringReference(message, &field, &scratch_);
    if (!valid_utf8(text))
      return wrong(error, "UTF-8 text", shorten(text));
    column.append_string(text);
    return true;
  }

  bool append_timestamp(size_t i, const pb::Message& message, const FieldType& field, DecodeError& error) {
    std::optional<Timestamp> moment;
    std::string found;
    if (is_protobuf_timestamp(field)) {
      int64_t micros = 0;
      if (protobuf_timestamp(message.GetReflection()->GetMessage(message, &field), micros))
        moment = Timestamp{micros};
      found = "a google.protobuf.Timestamp outside the years 1 to 9999";
    } else if (field.cpp_type() == FieldType::CPPTYPE_STRING) {
      const std::string& text = message.GetReflection()->GetStringReference(message, &field, &scratch_);
      moment = parse_timestamp(text);
      found = shorten(text);
    } else if (const auto number = integer_of(message, field)) {
      found = std::to_string(*number);
      moment = timestamp_from_number(found, units_[i]);
    } else {
      found = "a number above int64";
    }
    if (!moment)
      return wrong(error, "timestamp (ISO 8601, or a number in " + std::string(timestamp_unit_name(units_[i])) + ")",
                   found);
    builder_.column(i).append_int64(moment->micros);
    return true;
  }

  static bool wrong(DecodeError& error, std::string expected, std::string found) {
    error.expected = std::move(expected);
    error.found = std::move(found);
    return false;
  }

  ProtobufTypePtr type_;
  SchemaPtr schema_;
  std::unique_ptr<pb::Message> message_;  // used again and again
  std::vector<ProtobufPath> paths_;       // one a column
  std::vector<TimestampUnit> units_;      // one a column
  BatchBuilder builder_;
  std::string scratch_;
};

ProtobufRows::ProtobufRows(ProtobufTypePtr type, SchemaPtr schema, const ProtobufPaths& paths,
                           const TimestampUnits& units)
    : impl_(std::make_unique<Impl>(std::move(type), schema, paths, units)) {}
ProtobufRows::~ProtobufRows() = default;

bool ProtobufRows::append(std::string_view message, DecodeError& error) { return impl_->append(message, error); }
BatchPtr ProtobufRows::finish() { return impl_->finish(); }

}  // namespace penstock
