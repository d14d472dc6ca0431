#include "actors/file_format.h"

namespace penstock {
namespace {

std::string_view without_packing(std::string_view path) {
  for (const std::string_view packed : {".gz", ".zst"})
    if (path.ends_with(packed))
      path.remove_suffix(packed.size());
  return path;
}

bool is_tab(std::string_view text) { return text == "\t" || text == "\\t" || text == "tab"; }

}  // namespace

std::optional<FileFormat> format_of_name(std::string_view path) {
  path = without_packing(path);
  for (const std::string_view ending : {".jsonl", ".ndjson", ".json"})
    if (path.ends_with(ending))
      return FileFormat::kJsonLines;
  for (const std::string_view ending : {".csv", ".tsv", ".tab"})
    if (path.ends_with(ending))
      return FileFormat::kCsv;
  return std::nullopt;
}

topology::Property format_property() {
  return {.name = "format",
          .kind = topology::Kind::kChoice,
          .meaning = "JSON Lines or CSV; default: as the file's name ends (.jsonl .ndjson .json, .csv .tsv .tab).",
          .choices = {"jsonl", "csv"}};
}

std::optional<FileFormat> file_format(const topology::Component& component) {
  if (component.has("format"))
    return component.text("format") == "csv" ? FileFormat::kCsv : FileFormat::kJsonLines;
  return component.has("path") ? format_of_name(component.text("path")) : std::nullopt;
}

void check_format(const topology::Component& component, topology::Diagnostics& diagnostics) {
  if (!file_format(component))
    diagnostics.error(component.place_of("path"), "missing-key", "the name of the file does not tell its format",
                      "add `format: jsonl` or `format: csv`");
}

char delimiter_of(const topology::Component& component) {
  if (component.has("delimiter"))
    return is_tab(component.text("delimiter")) ? '\t' : component.text("delimiter")[0];
  const std::string_view path = without_packing(component.text("path"));
  return path.ends_with(".tsv") || path.ends_with(".tab") ? '\t' : ',';
}

void check_delimiter(const topology::Component& component, topology::Diagnostics& diagnostics) {
  if (!component.has("delimiter") || is_tab(component.text("delimiter")))
    return;
  const std::string& text = component.text("delimiter");
  if (text.size() != 1 || text == "\"" || text == "\n" || text == "\r")
    diagnostics.error(component.place_of("delimiter"), "wrong-value", "a delimiter is one character",
                      "such as \",\", \";\", \"|\" or \"\\t\"");
}

}  // namespace penstock
