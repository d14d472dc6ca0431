// Payloads of messages in every format: any bytes. All at once they decode as each would alone, and what decodes keeps
// every promise of a batch.
#include <google/protobuf/descriptor.pb.h>

#include <vector>

#include "actors/sources/payload_text.h"
#include "messages/protobuf_rows.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace penstock::fuzz {
namespace {

using Field = google::protobuf::FieldDescriptorProto;

/// proto2, so that texts need not be UTF-8; fields b, i, f, s, at as schema_of(0) has them, doc of the message itself.
ProtobufTypePtr make_type() {
  google::protobuf::FileDescriptorSet set;
  google::protobuf::FileDescriptorProto& file = *set.add_file();
  file.set_name("fuzz.proto");
  google::protobuf::DescriptorProto& message = *file.add_message_type();
  message.set_name("All");
  google::protobuf::EnumDescriptorProto& choice = *message.add_enum_type();
  choice.set_name("Choice");
  google::protobuf::EnumValueDescriptorProto& value = *choice.add_value();
  value.set_name("NONE");
  value.set_number(0);
  const auto add = [&](const char* name, Field::Type type, Field::Label label = Field::LABEL_OPTIONAL) {
    Field& field = *message.add_field();
    field.set_name(name);
    field.set_number(message.field_size());
    field.set_type(type);
    field.set_label(label);
    if (type == Field::TYPE_MESSAGE)
      field.set_type_name(".All");
    if (type == Field::TYPE_ENUM)
      field.set_type_name(".All.Choice");
  };
  add("b", Field::TYPE_BOOL);
  add("i", Field::TYPE_UINT64);
  add("f", Field::TYPE_FLOAT);
  add("s", Field::TYPE_STRING);
  add("at", Field::TYPE_SINT64);
  add("doc", Field::TYPE_MESSAGE, Field::LABEL_REPEATED);
  add("choice", Field::TYPE_ENUM);
  add("raw", Field::TYPE_BYTES);
  const auto type = ProtobufType::read(set.SerializeAsString(), "All");
  require(type.ok(), "the type is sound", type.ok() ? "" : type.status().message());
  return *type;
}

/// The input cut at `;;`.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = text.find(";;");
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return parts;
}

std::string shown(const PayloadDecoder::Out& out, size_t payloads, size_t first) {
  require(out.batch != nullptr, "there is a batch");
  require_sound(*out.batch);
  require(out.batch->rows() == out.payload_of_row.size(), "every row has its payload");
  std::vector<int> seen(payloads, 0);  // 1: rows of it, 2: an error
  std::string text = exact_text(*out.batch);
  for (const uint32_t payload : out.payload_of_row) {
    require(payload < payloads, "the payload exists");
    seen[payload] |= 1;
    text += std::to_string(payload + first) + " ";
  }
  for (const auto& [payload, error] : out.errors) {
    require(payload < payloads && seen[payload] == 0, "a payload is rows, or one error");
    seen[payload] |= 2;
    require(!error.to_string().empty(), "an error says something");
  }
  return text;
}

}  // namespace

void fuzz_payload(std::string_view bytes) {
  Input input(bytes);
  const size_t kind = input.below(4);
  PayloadFormat format;
  SchemaPtr schema = schema_of(kind == 3 ? 0 : input.below(kSchemas));
  if (input.flag() && kind == 1)
    format.quote = std::nullopt;
  const std::vector<std::string_view> payloads = parts_of(input.rest());
  if (kind == 3) {
    static const ProtobufTypePtr type = make_type();
    ProtobufRows all(type, schema, {}, {}), one(type, schema, {}, {});
    std::string alone;
    DecodeError error;
    for (const std::string_view payload : payloads) {
      const bool good = all.append(payload, error);
      require(good == one.append(payload, error), "a message is right or wrong whatever came before it");
      require(good || !error.to_string().empty(), "an error says something");
      alone += exact_text(*one.finish());
    }
    const BatchPtr batch = all.finish();
    require_sound(*batch);
    require(exact_text(*batch) == alone, "messages decode as each would alone");
    return;
  }
  format.kind = kind == 0   ? PayloadFormat::Kind::kJson
                : kind == 1 ? PayloadFormat::Kind::kCsv
                            : PayloadFormat::Kind::kProtobuf;  // batches
  const auto decoder = make_payload_decoder(format, schema);
  require(decoder.ok(), "there is a decoder");
  const std::string together = shown((*decoder)->decode(payloads), payloads.size(), 0);
  std::string rows, numbers;
  for (size_t i = 0; i < payloads.size(); ++i) {
    const PayloadDecoder::Out out = (*decoder)->decode({&payloads[i], 1});
    (void)shown(out, 1, i);
    rows += exact_text(*out.batch);
    for (size_t row = 0; row < out.payload_of_row.size(); ++row)
      numbers += std::to_string(i) + " ";
  }
  require(together == rows + numbers, "payloads decode as each would alone",
          together + "\n--- alone:\n" + rows + numbers);
}

}  // namespace penstock::fuzz
