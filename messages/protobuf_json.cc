#include "messages/protobuf_json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "messages/json_writer.h"
#include "messages/timestamp.h"
#include "messages/utf8.h"

namespace penstock {
namespace pb = google::protobuf;
namespace {

bool append_message(const pb::Message& message, std::string& out);

void append_base64(std::string_view bytes, std::string& out) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (size_t j = 0; j < 4; ++j)
      out.push_back(j <= count ? kDigits[group >> (18 - 6 * j) & 63] : '=');
  }
}

bool append_text(const std::string& text, std::string& out) {
  if (!valid_utf8(text))
    return false;
  append_json_string(text, out);
  return true;
}

void append_number(double number, std::string& out) { out += std::isfinite(number) ? format_float64(number) : "null"; }

// The value with this index of a repeated field, or the only one of another.
bool append_value(const pb::Message& message, const pb::FieldDescriptor& field, int index, std::string& out) {
  const pb::Reflection& of = *message.GetReflection();
  const bool many = field.is_repeated();
  const auto get = [&](auto one, auto each) {
    return many ? (of.*each)(message, &field, index) : (of.*one)(message, &field);
  };
  using R = pb::Reflection;
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32: out += std::to_string(get(&R::GetInt32, &R::GetRepeatedInt32)); break;
    case pb::FieldDescriptor::CPPTYPE_INT64: out += std::to_string(get(&R::GetInt64, &R::GetRepeatedInt64)); break;
    case pb::FieldDescriptor::CPPTYPE_UINT32: out += std::to_string(get(&R::GetUInt32, &R::GetRepeatedUInt32)); break;
    case pb::FieldDescriptor::CPPTYPE_UINT64: out += std::to_string(get(&R::GetUInt64, &R::GetRepeatedUInt64)); break;
    case pb::FieldDescriptor::CPPTYPE_DOUBLE: append_number(get(&R::GetDouble, &R::GetRepeatedDouble), out); break;
    case pb::FieldDescriptor::CPPTYPE_FLOAT: append_number(get(&R::GetFloat, &R::GetRepeatedFloat), out); break;
    case pb::FieldDescriptor::CPPTYPE_BOOL: out += get(&R::GetBool, &R::GetRepeatedBool) ? "true" : "false"; break;
    case pb::FieldDescriptor::CPPTYPE_ENUM: {
      const int number = get(&R::GetEnumValue, &R::GetRepeatedEnumValue);
      const pb::EnumValueDescriptor* value = field.enum_type()->FindValueByNumber(number);
      if (field.enum_type()->full_name() == "google.protobuf.NullValue")
        out += "null";
      else
        value != nullptr ? append_json_string(value->name(), out) : void(out += std::to_string(number));
      break;
    }
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = get(&R::GetString, &R::GetRepeatedString);
      if (field.type() != pb::FieldDescriptor::TYPE_BYTES)
        return append_text(text, out);
      out.push_back('"');
      append_base64(text, out);
      out.push_back('"');
      break;
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return append_message(many ? of.GetRepeatedMessage(message, &field, index) : of.GetMessage(message, &field), out);
  }
  return true;
}

bool append_map(const pb::Message& message, const pb::FieldDescriptor& field, std::string& out) {
  const pb::Reflection& of = *message.GetReflection();
  std::vector<std::pair<std::string, int>> keys;
  for (int i = 0; i < of.FieldSize(message, &field); ++i) {
    const pb::Message& entry = of.GetRepeatedMessage(message, &field, i);
    std::string key;
    if (!append_value(entry, *field.message_type()->map_key(), 0, key))
      return false;
    keys.emplace_back(key.starts_with('"') ? key : "\"" + key + "\"", i);
  }
  std::sort(keys.begin(), keys.end());
  out.push_back('{');
  for (size_t i = 0; i < keys.size(); ++i) {
    out.append(i == 0 ? "" : ",").append(keys[i].first).append(":");
    if (!append_value(of.GetRepeatedMessage(message, &field, keys[i].second), *field.message_type()->map_value(), 0,
                      out))
      return false;
  }
  out.push_back('}');
  return true;
}

bool append_field(const pb::Message& message, const pb::FieldDescriptor& field, std::string& out) {
  if (field.is_map())
    return append_map(message, field, out);
  if (!field.is_repeated())
    return append_value(message, field, 0, out);
  out.push_back('[');
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    out += i == 0 ? "" : ",";
    if (!append_value(message, field, i, out))
      return false;
  }
  out.push_back(']');
  return true;
}

bool append_message(const pb::Message& message, std::string& out) {
  const pb::Descriptor& type = *message.GetDescriptor();
  if (int64_t micros = 0; type.full_name() == "google.protobuf.Timestamp" && protobuf_timestamp(message, micros)) {
    append_json_string(format_timestamp(Timestamp{micros}), out);
    return true;
  }
  std::vector<const pb::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  if (type.well_known_type() == pb::Descriptor::WELLKNOWNTYPE_VALUE) {
    if (!fields.empty())
      return append_field(message, *fields[0], out);
    out += "null";
    return true;
  }
  const bool stands_for_one =
      type.field_count() == 1 && (type.well_known_type() == pb::Descriptor::WELLKNOWNTYPE_STRUCT ||
                                  type.well_known_type() == pb::Descriptor::WELLKNOWNTYPE_LISTVALUE ||
                                  type.file()->name() == "google/protobuf/wrappers.proto");
  if (stands_for_one)
    return append_field(message, *type.field(0), out);
  out.push_back('{');
  for (size_t i = 0; i < fields.size(); ++i) {
    out += i == 0 ? "" : ",";
    append_json_string(fields[i]->name(), out);
    out.push_back(':');
    if (!append_field(message, *fields[i], out))
      return false;
  }
  out.push_back('}');
  return true;
}

}  // namespace

bool append_protobuf_json(const pb::Message& message, const pb::FieldDescriptor& field, std::string& out) {
  return append_field(message, field, out);
}

bool protobuf_timestamp(const pb::Message& timestamp, int64_t& micros) {
  constexpr int64_t kFirst = -62135596800, kLast = 253402300799;  // seconds of the years 1 to 9999
  const pb::Descriptor& type = *timestamp.GetDescriptor();
  const pb::FieldDescriptor* seconds = type.FindFieldByNumber(1);
  const pb::FieldDescriptor* nanos = type.FindFieldByNumber(2);
  if (seconds == nullptr || seconds->cpp_type() != pb::FieldDescriptor::CPPTYPE_INT64 || nanos == nullptr ||
      nanos->cpp_type() != pb::FieldDescriptor::CPPTYPE_INT32)
    return false;
  const int64_t whole = timestamp.GetReflection()->GetInt64(timestamp, seconds);
  const int32_t part = timestamp.GetReflection()->GetInt32(timestamp, nanos);
  if (whole < kFirst || whole > kLast || part < 0 || part > 999999999)
    return false;
  micros = whole * 1000000 + part / 1000;
  return true;
}

}  // namespace penstock
