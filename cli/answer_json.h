// Reads a node's JSON answers for the terminal: what is missing, null or of another type is empty, or 0.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/table.h"

namespace penstock::cli {

using Element = simdjson::simdjson_result<simdjson::dom::element>;

/// Without characters that a terminal would take for commands.
inline std::string text(const Element& element) {
  std::string_view value;
  return element.get(value) == simdjson::SUCCESS ? printable(std::string(value)) : "";
}

inline double number(const Element& element, double otherwise = 0) {
  double value = 0;
  return element.get(value) == simdjson::SUCCESS ? value : otherwise;
}

inline uint64_t natural(const Element& element) {
  uint64_t value = 0;
  return element.get(value) == simdjson::SUCCESS ? value : 0;
}

inline bool flag(const Element& element) {
  bool value = false;
  return element.get(value) == simdjson::SUCCESS && value;
}

}  // namespace penstock::cli
