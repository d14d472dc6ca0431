#include <algorithm>

#include "actors/components.h"
#include "actors/sources/file.h"
#include "actors/sources/log_properties.h"
#include "actors/sources/record_properties.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;

constexpr size_t kMostJsonRecord = 16 << 20;

void check_csv(const Component& component, const SchemaPtr& schema, topology::Diagnostics& diagnostics) {
  const bool csv = file_format(component) == FileFormat::kCsv;
  if (!csv && file_format(component))
    for (const char* property : {"delimiter", "quote", "header", "columns", "encoding"})
      if (component.has(property) && !component.find(property)->defaulted)
        diagnostics.error(component.place_of(property), "conflict",
                          std::string(property) + " is for CSV, and this is JSON Lines",
                          "leave it out, or say `format: csv`");
  if (component.has("columns") && component.has("header") && component.flag("header"))
    diagnostics.error(component.place_of("columns"), "conflict",
                      "columns names the columns of a file without a header, but header says that there is one",
                      "leave one of them out");
  if (component.has("columns") && schema) {
    const std::vector<std::string> columns = component.texts("columns");
    for (const Field& field : schema->fields())
      if (std::find(columns.begin(), columns.end(), field.name) == columns.end())
        diagnostics.error(component.place_of("columns"), "unknown-column",
                          "columns lacks the column " + field.name + " of the schema", "name every column of the file");
  }
  if (component.has("quote") && component.text("quote") != "none" && component.text("quote").size() != 1)
    diagnostics.error(component.place_of("quote"), "wrong-value", "a quote is one character, or `none`");
}

topology::Binding bind_file_source(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.output = check_records(component, context);
  if (!component.flag("follow"))
    (void)topology::check_files(component, "path", context);
  check_format(component, context.diagnostics);
  check_delimiter(component, context.diagnostics);
  check_csv(component, binding.output, context.diagnostics);
  check_log(component, binding.output, context.diagnostics);
  return binding;
}

CsvOptions csv_options(const Component& component, const Schema& schema) {
  CsvOptions out;
  out.delimiter = delimiter_of(component);
  if (component.has("quote")) {
    const std::string& quote = component.text("quote");
    out.quote = quote == "none" ? std::nullopt : std::optional(quote[0]);
  }
  if (component.has("columns"))
    out.columns = component.texts("columns");
  else if (component.has("header") && !component.flag("header"))
    out.columns = schema.names();
  if (component.text("encoding") == "latin-1")
    out.encoding = TextEncoding::kLatin1;
  return out;
}

}  // namespace

topology::ComponentType file_source_type() {
  topology::ComponentType type;
  type.role = topology::Role::kSource;
  type.name = "file";
  type.summary = "Reads a file, or all files of a glob, as JSON Lines or CSV; plain, gzip or zstd.";
  type.example =
      "events:\n"
      "  type: file\n"
      "  path: events.jsonl\n"
      "  schema: event\n"
      "  event_time: at\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = {
      {.name = "path",
       .kind = Kind::kPath,
       .meaning = "The file, or a glob such as `events/*.csv.gz`, whose files are read in the order of their names.",
       .required = true},
      format_property(),
      {.name = "follow",
       .kind = Kind::kBool,
       .meaning = "Whether to go on reading as files grow and new ones appear.",
       .default_value = "false"},
      {.name = "delimiter",
       .kind = Kind::kString,
       .meaning = "CSV: the character between fields; default: a comma, a tab for .tsv and .tab."},
      {.name = "quote",
       .kind = Kind::kString,
       .meaning = "CSV: the character around fields, or `none`; default: a double quote."},
      {.name = "header",
       .kind = Kind::kBool,
       .meaning = "CSV: whether the first line names the columns; default: yes, unless `columns` is given. Without a "
                  "header and `columns` they are the schema's, in its order."},
      {.name = "columns",
       .kind = Kind::kList,
       .meaning = "CSV: the names of the columns of a file without a header; those not in the schema are passed over."},
      {.name = "encoding",
       .kind = Kind::kChoice,
       .meaning = "CSV: how the text is encoded.",
       .default_value = "utf-8",
       .choices = {"utf-8", "latin-1"}},
      {.name = "on_error",
       .kind = Kind::kChoice,
       .meaning =
           "What to do with a record that cannot be decoded: set it aside in `dead_letters`, or stop the source.",
       .default_value = "dead_letter",
       .choices = {"dead_letter", "stop"}},
  };
  for (const auto& more : {record_properties(), log_properties()})
    type.properties.insert(type.properties.end(), more.begin(), more.end());
  type.bind = bind_file_source;
  return type;
}

Result<SourcePtr> make_file_source(const MakeContext& context) {
  const Component& component = context.component;
  FileSourceOptions options;
  options.path = topology::resolve_path(context.folder, component.text("path"));
  options.folder = context.folder;
  options.follow = component.flag("follow");
  options.stop_on_error = component.text("on_error") == "stop";
  options.reader.format = file_format(component).value_or(FileFormat::kJsonLines);
  options.reader.schema = context.binding.output;
  options.reader.csv = csv_options(component, *context.binding.output);
  if (options.reader.format == FileFormat::kJsonLines)
    options.reader.csv.max_record = kMostJsonRecord;
  options.reader.csv.timestamp_units = timestamp_units(component);
  options.reader.csv.unknown_fields = unknown_fields(component);
  return SourcePtr(std::make_unique<FileSource>(std::move(options)));
}

}  // namespace penstock
