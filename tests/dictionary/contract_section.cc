#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "tests/dictionary/dictionary.h"

namespace penstock::dictionary {
namespace {

namespace pb = google::protobuf;

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  for (size_t at; (at = text.find("  ")) != std::string::npos;)
    text.erase(at, 1);
  const size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

template <class Descriptor>
std::string comment(const Descriptor& of) {
  pb::SourceLocation at;
  if (!of.GetSourceLocation(&at))
    return "";
  return one_line(at.leading_comments + " " + at.trailing_comments);
}

std::string type_of(const pb::FieldDescriptor& field) {
  std::string type = field.type() == pb::FieldDescriptor::TYPE_MESSAGE ? field.message_type()->name()
                     : field.type() == pb::FieldDescriptor::TYPE_ENUM  ? field.enum_type()->name()
                                                                       : std::string(field.type_name());
  return (field.is_repeated() ? "repeated " : field.has_optional_keyword() ? "optional " : "") + type;
}

void add(const pb::EnumDescriptor& type, std::string& out) {
  out += "\n### enum `" + type.name() + "`\n\n";
  if (const std::string about = comment(type); !about.empty())
    out += about + "\n\n";
  out += "| number | name | meaning |\n| --- | --- | --- |\n";
  for (int i = 0; i < type.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *type.value(i);
    const std::string about = comment(value);
    out += "| " + std::to_string(value.number()) + " | `" + value.name() + "` | " +
           (about.empty() ? meaning_of(type.name(), value.name()) : about) + " |\n";
  }
}

void add(const pb::Descriptor& message, const std::string& outer, std::string& out) {
  const std::string name = outer + message.name();
  out += "\n### message `" + name + "`\n\n";
  if (const std::string about = comment(message); !about.empty())
    out += about + "\n\n";
  out += "| number | field | type | meaning |\n| --- | --- | --- | --- |\n";
  for (int i = 0; i < message.field_count(); ++i) {
    const pb::FieldDescriptor& field = *message.field(i);
    const std::string about_field = comment(field);
    out += "| " + std::to_string(field.number()) + " | `" + field.name() + "` | " + type_of(field) + " | " +
           (about_field.empty() ? meaning_of(name, field.name()) : about_field) + " |\n";
  }
  for (int i = 0; i < message.nested_type_count(); ++i)
    add(*message.nested_type(i), name + ".", out);
  for (int i = 0; i < message.enum_type_count(); ++i)
    add(*message.enum_type(i), out);
}

}  // namespace

std::string contract_section() {
  pb::FileDescriptorSet set;  // with comments: protoc --include_source_info
  std::ifstream in(PENSTOCK_CONTRACTS, std::ios::binary);
  pb::DescriptorPool pool;
  const pb::FileDescriptor* file =
      set.ParseFromIstream(&in) && set.file_size() == 1 ? pool.BuildFile(set.file(0)) : nullptr;
  if (file == nullptr)
    throw std::runtime_error(PENSTOCK_CONTRACTS " cannot be read");
  std::string out =
      "## Contracts\n\nThe messages of `messages/penstock.proto`, package `" + file->package() +
      "`: what Penstock\nexchanges with other programs, and descriptions that it stores. A field that is not there has "
      "its type's\nzero.\n";
  for (int i = 0; i < file->message_type_count(); ++i)
    add(*file->message_type(i), "", out);
  for (int i = 0; i < file->enum_type_count(); ++i)
    add(*file->enum_type(i), out);
  return out;
}

}  // namespace penstock::dictionary
