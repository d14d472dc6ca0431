// Parts of a JSON text, as slices of it. Requires of all: the text is one valid JSON value (json columns are validated when they
// are decoded); with any other the answer is undefined but nothing outside the text is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::sql {

/// The member of an object; the last one of equal keys, as in PostgreSQL.
std::optional<std::string_view> json_member(std::string_view json, std::string_view key);
/// The element of an array, from 0, or from the end if negative.
std::optional<std::string_view> json_element(std::string_view json, int64_t index);
/// The elements of an array, in order; nothing of any other value.
std::optional<std::vector<std::string_view>> json_elements(std::string_view json);
/// A string's characters without quotes and escapes, in `scratch` if there were escapes; any other value as it is written.
std::string_view json_text(std::string_view json, std::string& scratch);
/// Whether the text is one valid JSON value.
bool is_json(std::string_view text);

}  // namespace penstock::sql
