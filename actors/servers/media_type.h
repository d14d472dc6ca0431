// The value of a Content-Type header: RFC 9110 section 8.3.1. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

struct MediaType {
  std::string name;                                            // in small letters: text/csv
  std::map<std::string, std::string, std::less<>> parameters;  // names and values in small letters

  /// Empty where it was not given.
  std::string parameter(std::string_view parameter_name) const {
    const auto found = parameters.find(parameter_name);
    return found == parameters.end() ? "" : found->second;
  }
};

/// Nothing if it is none.
std::optional<MediaType> parse_media_type(std::string_view text);

}  // namespace penstock
