#include "messages/protobuf_path.h"

#include <google/protobuf/descriptor.h>

#include "core/nearest.h"

namespace penstock {
namespace pb = google::protobuf;
namespace {

using FieldType = pb::FieldDescriptor;

bool is_integer(const FieldType& field) {
  return field.cpp_type() == FieldType::CPPTYPE_INT32 || field.cpp_type() == FieldType::CPPTYPE_INT64 ||
         field.cpp_type() == FieldType::CPPTYPE_UINT32 || field.cpp_type() == FieldType::CPPTYPE_UINT64;
}

bool is_message(const FieldType& field) { return field.cpp_type() == FieldType::CPPTYPE_MESSAGE; }

bool is_wrapper(const FieldType& field) {
  return is_message(field) && field.message_type()->file()->name() == "google/protobuf/wrappers.proto" &&
         field.message_type()->field_count() == 1;
}

std::string kind_of(const FieldType& field) {
  std::string kind = is_message(field)                             ? field.message_type()->full_name()
                     : field.cpp_type() == FieldType::CPPTYPE_ENUM ? "the enum " + field.enum_type()->full_name()
                                                                   : field.type_name();
  return field.is_map() ? "a map" : field.is_repeated() ? "repeated " + kind : kind;
}

bool fits(const FieldType& field, Type type) {
  if (type == Type::kJson)
    return true;
  if (field.is_repeated())
    return false;
  const bool text = field.cpp_type() == FieldType::CPPTYPE_STRING, choice = field.cpp_type() == FieldType::CPPTYPE_ENUM;
  switch (type) {
    case Type::kBool: return field.cpp_type() == FieldType::CPPTYPE_BOOL;
    case Type::kInt64: return is_integer(field) || choice;
    case Type::kFloat64:
      return is_integer(field) || field.cpp_type() == FieldType::CPPTYPE_DOUBLE ||
             field.cpp_type() == FieldType::CPPTYPE_FLOAT;
    case Type::kString: return text || choice;
    case Type::kTimestamp:
      return is_protobuf_timestamp(field) || is_integer(field) || field.type() == FieldType::TYPE_STRING;
    case Type::kJson: break;
  }
  return false;
}

std::vector<std::string> names_of(const pb::Descriptor& type) {
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i)
    names.push_back(type.field(i)->name());
  return names;
}

}  // namespace

bool is_protobuf_timestamp(const FieldType& field) {
  return is_message(field) && field.message_type()->full_name() == "google.protobuf.Timestamp";
}

Result<ProtobufPath> find_protobuf_path(const pb::Descriptor& top, const Field& column, const ProtobufPaths& paths) {
  const auto named = paths.find(column.name);
  std::string_view path = named == paths.end() ? column.name : named->second;
  ProtobufPath out;
  const pb::Descriptor* type = &top;
  for (;;) {
    const size_t dot = path.find('.');
    const std::string name(path.substr(0, dot));
    const FieldType* field = type->FindFieldByName(name);
    if (field == nullptr) {
      const auto meant = nearest(name, names_of(*type));
      return invalid_argument(type->full_name() + " has no field " + name +
                              (meant ? " (did you mean " + *meant + "?)" : ""));
    }
    out.push_back(field);
    if (dot == std::string_view::npos)
      break;
    if (!is_message(*field) || field->is_repeated())
      return invalid_argument(field->full_name() + " is " + kind_of(*field) + ", no nested message to go into");
    type = field->message_type();
    path.remove_prefix(dot + 1);
  }
  if (column.type != Type::kJson && is_wrapper(*out.back()) && !out.back()->is_repeated())
    out.push_back(out.back()->message_type()->field(0));
  if (!fits(*out.back(), column.type))
    return invalid_argument(out.back()->full_name() + " is " + kind_of(*out.back()) + ", which cannot be " +
                            std::string(type_name(column.type)) + (out.back()->is_repeated() ? ", only json" : ""));
  return out;
}

std::vector<ProtobufMisfit> protobuf_misfits(const ProtobufType& type, const Schema& schema,
                                             const ProtobufPaths& paths) {
  std::vector<ProtobufMisfit> out;
  for (const Field& field : schema.fields())
    if (const auto path = find_protobuf_path(type.descriptor(), field, paths); !path.ok())
      out.push_back({field.name, path.status().message()});
  return out;
}

}  // namespace penstock
