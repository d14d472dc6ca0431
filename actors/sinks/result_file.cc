#include "actors/sinks/result_file.h"

#include <algorithm>

#include "topology/bind_helpers.h"
#include "topology/plan.h"
#include "topology/result_file.h"

namespace penstock {
namespace {

using topology::BindContext;
using topology::Component;
using topology::Diagnostics;
using topology::Kind;

bool in_folder(const Component& component) {
  return component.has("partition_by_date") || component.flag("incremental");
}

void check_path(const Component& component, const BindContext& context) {
  if (!component.has("path"))
    return;
  topology::check_output_folder(component, "path", context);
  if (!in_folder(component))
    return check_format(component, context.diagnostics);
  if (!component.has("format"))
    context.diagnostics.error(component.place, "missing-key", "the files of " + component.id + " need a format",
                              "path is a folder here and tells none; add `format: jsonl` or `format: csv`");
}

// Somebody has to write it.
void check_among(const Component& component, const std::vector<const Component*>& all, Diagnostics& diagnostics) {
  const bool written = std::ranges::any_of(all, [&](const Component* other) {
    return other->role == topology::Role::kJob && other->has("run") &&
           std::ranges::count(other->texts("run"), component.id) > 0;
  });
  if (!written)
    diagnostics.warning(component.place, "unused", "no job writes the result file " + component.id,
                        "name it in the `run` of a job");
}

}  // namespace

topology::ComponentType result_file_type() {
  topology::ComponentType type;
  type.role = topology::Role::kSink;
  type.name = topology::kResultFileType;
  type.summary =
      "All rows of a view, or of a log's history, in files that jobs write anew as a whole: readers find the result "
      "before "
      "or the new one.";
  type.example =
      "sales:\n"
      "  type: result_file\n"
      "  input: shop\n"
      "  path: sales.jsonl\n";
  type.properties = {
      {.name = "path",
       .kind = Kind::kPath,
       .meaning =
           "The file; with partition_by_date or incremental the folder of the files, which is made if it is not there.",
       .required = true},
      format_property(),
      {.name = "delimiter", .kind = Kind::kString, .meaning = "CSV: the character between fields; default: a comma."},
      {.name = "header",
       .kind = Kind::kBool,
       .meaning = "CSV: whether each file begins with a line of column names.",
       .default_value = "true"},
      {.name = "compression",
       .kind = Kind::kChoice,
       .meaning = "Default: gzip if path ends in .gz.",
       .choices = {"none", "gzip"}},
      {.name = "partition_by_date",
       .kind = Kind::kColumn,
       .meaning = "A timestamp column: the rows of each date (UTC) go to `path/date=YYYY-MM-DD/part.jsonl` (or .csv)."},
      {.name = "incremental",
       .kind = Kind::kBool,
       .meaning = "Of a log: each run adds `part-NNNNNNNN` files with the rows since the last run, instead of writing "
                  "all anew.",
       .default_value = "false"},
  };
  type.bind = [](const Component& component, const BindContext& context) {
    check_path(component, context);
    check_delimiter(component, context.diagnostics);
    topology::check_column(component, "partition_by_date", context.inputs[0].schema, context.diagnostics,
                           {Type::kTimestamp});
    if (component.flag("incremental") && context.inputs[0].is_view)
      context.diagnostics.error(component.place_of("incremental"), "wrong-input",
                                context.inputs[0].id + " is a view: its rows change, and are not only added to",
                                "remove incremental, or read a log: a source, or a stage without groups");
    return topology::Binding{};
  };
  type.check_among = check_among;
  return type;
}

ResultFormat result_format(const Component& component, const SchemaPtr& schema, const std::string& folder) {
  ResultFormat format;
  format.path = topology::resolve_path(folder, component.text("path"));
  while (format.path.size() > 1 && format.path.ends_with('/'))
    format.path.pop_back();
  format.format = file_format(component).value_or(FileFormat::kJsonLines);
  format.delimiter = delimiter_of(component);
  format.header = component.flag("header");
  format.gzip = component.has("compression") ? component.text("compression") == "gzip" : format.path.ends_with(".gz");
  if (component.has("partition_by_date"))
    format.date = schema->index_of(component.text("partition_by_date"));
  format.schema = schema;
  return format;
}

}  // namespace penstock
