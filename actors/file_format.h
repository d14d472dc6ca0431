// Which format the file of a source or sink has: as its property `format` says, or else as the file's name tells. Any
// thread.
#pragma once

#include <optional>
#include <string_view>

#include "topology/component_type.h"

namespace penstock {

enum class FileFormat { kJsonLines, kCsv };

/// From the name's ending: .jsonl .ndjson .json, .csv .tsv .tab; a .gz or .zst behind it is passed over.
std::optional<FileFormat> format_of_name(std::string_view path);

/// The declaration of `format`.
topology::Property format_property();
/// Of a component with `format` and `path`. None if neither tells.
std::optional<FileFormat> file_format(const topology::Component& component);
/// Reports that neither tells.
void check_format(const topology::Component& component, topology::Diagnostics& diagnostics);

/// The property `delimiter` as a character; `\t` and `tab` are a tab. Without it a comma, or a tab for .tsv and .tab
/// files.
char delimiter_of(const topology::Component& component);
/// Reports one that is not a single character, or that is a quote or a line end.
void check_delimiter(const topology::Component& component, topology::Diagnostics& diagnostics);

}  // namespace penstock
