// Reads hyper-parameters that the registry has checked: every declared one is there and has its kind.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "models/registry.h"

namespace penstock {

/// Requires: `values` holds `name`.
inline const std::string& value_of(const ParameterValues& values, std::string_view name) {
  auto value = values.begin();
  while (value->first != name)
    ++value;
  return value->second;
}

inline std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

inline float number(const ParameterValues& values, std::string_view name) {
  return static_cast<float>(parse_number(value_of(values, name)).value_or(0));
}
inline int integer(const ParameterValues& values, std::string_view name) {
  return static_cast<int>(parse_number(value_of(values, name)).value_or(0));
}
inline bool flag(const ParameterValues& values, std::string_view name) { return value_of(values, name) == "true"; }

/// A number as the registry reads it again: the shortest text that gives the same float.
inline std::string parameter_text(float value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

}  // namespace penstock
