#include "actors/sources/payload_format.h"

#include <algorithm>

#include "actors/sources/record_properties.h"
#include "messages/input_file.h"
#include "messages/protobuf_path.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;
using Format = PayloadFormat::Kind;

constexpr size_t kMostDescriptor = 64 << 20;

Format kind_of(const Component& component) {
  const std::string& format = component.text("format");
  return format == "csv"        ? Format::kCsv
         : format == "protobuf" ? Format::kProtobuf
         : format == "raw"      ? Format::kRaw
                                : Format::kJson;
}

bool given(const Component& component, const char* property) {
  return component.has(property) && !component.find(property)->defaulted;
}

void refuse(const Component& component, std::initializer_list<const char*> properties, const std::string& format,
            Diagnostics& diagnostics) {
  for (const char* property : properties)
    if (given(component, property))
      diagnostics.error(
          component.place_of(property), "conflict",
          std::string(property) + " is for `format: " + format + "`, and this is " + component.text("format"),
          "leave it out, or say `format: " + format + "`");
}

bool one_character(const std::string& text) { return text.size() == 1 && text != "\n" && text != "\r"; }

void check_csv(const Component& component, const SchemaPtr& schema, Diagnostics& diagnostics) {
  if (component.has("delimiter") && component.text("delimiter") != "tab" &&
      (!one_character(component.text("delimiter")) || component.text("delimiter") == "\""))
    diagnostics.error(component.place_of("delimiter"), "wrong-value", "a delimiter is one character",
                      R"(such as ",", ";", "|" or "\t")");
  if (component.has("quote") && component.text("quote") != "none" && !one_character(component.text("quote")))
    diagnostics.error(component.place_of("quote"), "wrong-value", "a quote is one character, or `none`");
  if (!component.has("fields") || !schema)
    return;
  const std::vector<std::string> fields = component.texts("fields");
  const std::string kept = unknown_fields(component).column;
  for (const std::string& name : schema->names())
    if (name != kept && std::find(fields.begin(), fields.end(), name) == fields.end())
      diagnostics.error(component.place_of("fields"), "unknown-column",
                        "fields lacks the column " + name + " of the schema", "name every field of a record, in order");
}

void check_message(const Component& component, const SchemaPtr& schema, const std::string& path,
                   const std::string& bytes, Diagnostics& diagnostics) {
  if (!component.has("message")) {
    const auto names = protobuf_messages(bytes);
    std::string hint = names.ok() ? "it has" : "";
    for (size_t i = 0; names.ok() && i < names->size(); ++i)
      hint += (i == 0 ? " " : ", ") + (*names)[i];
    diagnostics.error(component.place_of("descriptor"), names.ok() ? "missing-key" : "wrong-value",
                      names.ok() ? "the key message is missing: which message of " + path + " a payload is"
                                 : path + ": " + names.status().message(),
                      hint);
    return;
  }
  const auto type = ProtobufType::read(bytes, component.text("message"));
  if (!type.ok()) {
    const bool not_there = type.status().code() == Code::kNotFound;
    diagnostics.error(component.place_of(not_there ? "message" : "descriptor"),
                      not_there ? "unknown-name" : "wrong-value", path + ": " + type.status().message());
    return;
  }
  if (!schema)
    return;
  const ProtobufPaths paths = payload_format(component, "").paths;
  for (const ProtobufMisfit& misfit : protobuf_misfits(**type, *schema, paths)) {
    const topology::PropertyValue* entry =
        component.has("paths") ? component.find("paths")->find(misfit.column) : nullptr;
    diagnostics.error(entry != nullptr ? entry->place : component.place_of("message"), "unknown-column",
                      "column " + misfit.column + ": " + misfit.what,
                      entry != nullptr ? "" : "name its field in `paths`, or take the column out of the schema");
  }
}

void check_protobuf(const Component& component, const SchemaPtr& schema, const topology::BindContext& context) {
  Diagnostics& diagnostics = context.diagnostics;
  if (component.text("unknown_fields") != "drop")
    diagnostics.error(component.place_of("unknown_fields"), "conflict",
                      "of a Protobuf message only the fields that columns name are looked at", "leave it out");
  if (!component.has("descriptor")) {
    for (const char* property : {"message", "paths"})
      if (given(component, property))
        diagnostics.error(component.place_of(property), "conflict", std::string(property) + " needs a descriptor",
                          "name the file that `protoc --include_imports --descriptor_set_out=FILE` wrote");
    return;
  }
  if (component.has("paths") && schema)
    for (const auto& [column, path] : component.map("paths"))
      (void)topology::check_column(column, path.key_place, schema, diagnostics);
  const std::vector<std::string> files = topology::check_files(component, "descriptor", context);
  if (files.size() != 1)
    return;
  const auto bytes = read_descriptor(files[0]);
  if (!bytes.ok())
    diagnostics.error(component.place_of("descriptor"), "wrong-value", bytes.status().message());
  else
    check_message(component, schema, files[0], *bytes, diagnostics);
}

}  // namespace

std::vector<topology::Property> payload_properties() {
  return {
      {.name = "format",
       .kind = Kind::kChoice,
       .meaning = "How a payload is written: a JSON object or array of objects, CSV lines without a header, a Protobuf "
                  "message, or (raw) one text, which is the value of the only column.",
       .default_value = "json",
       .choices = {"json", "csv", "protobuf", "raw"}},
      {.name = "fields",
       .kind = Kind::kList,
       .meaning =
           "CSV: the names of a record's fields, in order; those not in the schema are passed over. Default: the "
           "columns of the schema that come from the payload.",
       .minimum = 1},
      {.name = "delimiter",
       .kind = Kind::kString,
       .meaning = "CSV: the character between fields, `tab` for a tab; default: a comma."},
      {.name = "quote",
       .kind = Kind::kString,
       .meaning = "CSV: the character around fields, or `none`; default: a double quote."},
      {.name = "descriptor",
       .kind = Kind::kPath,
       .meaning = "Protobuf: the file that `protoc --include_imports --descriptor_set_out=FILE` wrote. Without it a "
                  "payload is a penstock.contract.RecordBatch, of any number of rows."},
      {.name = "message",
       .kind = Kind::kString,
       .meaning = "Protobuf: the full name of the payloads' message, such as `shop.v1.Order`."},
      {.name = "paths",
       .kind = Kind::kMap,
       .meaning = "Protobuf: column: the field that it takes, through nested messages with dots, where that is not the "
                  "field of the column's name."},
  };
}

void check_payload(const Component& component, const SchemaPtr& schema, const topology::BindContext& context) {
  const Format format = kind_of(component);
  if (format != Format::kCsv)
    refuse(component, {"fields", "delimiter", "quote"}, "csv", context.diagnostics);
  if (format != Format::kProtobuf)
    refuse(component, {"descriptor", "message", "paths"}, "protobuf", context.diagnostics);
  if (format == Format::kCsv)
    check_csv(component, schema, context.diagnostics);
  if (format == Format::kProtobuf)
    check_protobuf(component, schema, context);
  if (format == Format::kRaw && schema && (schema->size() != 1 || schema->field(0).type != Type::kString))
    context.diagnostics.error(component.place_of("format"), "conflict",
                              "a raw payload is one string column, and the schema has (" + schema->to_string() + ")",
                              "take a schema with one string column for the payload");
}

PayloadFormat payload_format(const Component& component, const std::string& folder) {
  PayloadFormat format;
  format.kind = kind_of(component);
  format.timestamp_units = timestamp_units(component);
  format.unknown_fields = unknown_fields(component);
  if (component.has("delimiter"))
    format.delimiter = component.text("delimiter") == "tab" ? '\t' : component.text("delimiter")[0];
  if (component.has("quote"))
    format.quote = component.text("quote") == "none" ? std::nullopt : std::optional(component.text("quote")[0]);
  if (component.has("fields"))
    format.fields = component.texts("fields");
  if (component.has("descriptor"))
    format.descriptor = topology::resolve_path(folder, component.text("descriptor"));
  if (component.has("message"))
    format.message = component.text("message");
  if (component.has("paths"))
    for (const auto& [column, path] : component.map("paths"))
      format.paths[column] = std::get<std::string>(path.value);
  return format;
}

Result<std::string> read_descriptor(const std::string& path) {
  PENSTOCK_ASSIGN(const std::unique_ptr<InputFile> file, InputFile::open(path));
  std::string bytes;
  for (size_t got = 1; got > 0;) {
    const size_t size = bytes.size();
    if (size > kMostDescriptor)
      return resource_exhausted(path + " is larger than a descriptor may be (64 MiB)");
    bytes.resize(size + 65536);
    PENSTOCK_ASSIGN(got, file->read(bytes.data() + size, 65536));
    bytes.resize(size + got);
  }
  return bytes;
}

}  // namespace penstock
