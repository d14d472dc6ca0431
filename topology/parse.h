// Text of a topology file → a tree of nodes with places. The only part of Penstock that knows the YAML library. Pure:
// the caller reads the file and looks variables up. Any bytes may come in; nothing here crashes, hangs or takes memory
// out of proportion to the text.
//
// Stricter than YAML, because a topology is read by people: one document, text keys that are unique in their map, no
// merge keys, no tags; at most kMaxDepth levels and kMaxNodes nodes after aliases are expanded.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "topology/diagnostic.h"
#include "topology/value.h"

namespace penstock::topology {

inline constexpr size_t kMaxFileBytes = 1 << 20;
inline constexpr int kMaxDepth = 32;
inline constexpr size_t kMaxNodes = 50'000;

/// The value of a variable, if it is set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// The process's own environment.
Environment process_environment();

/// `${NAME}`, `${NAME:-default}` and `$${` (a literal `${`) are resolved inside scalars, after parsing, so that a value
/// can never change the structure. Adds every mistake to `diagnostics`. No value: nothing more can be said (the text is
/// no YAML map).
std::optional<Node> parse(std::string_view text, const Environment& environment, Diagnostics& diagnostics);

}  // namespace penstock::topology
