// A YAML document with the place of every part, free of the parser that read it. Keys keep their order and are unique.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::topology {

/// A place in a topology file: line and column counted from 1; 0 means that there is none.
struct Place {
  int line = 0;
  int column = 0;
  bool operator==(const Place&) const = default;
};

struct Entry;

/// One scalar, list or map. `text` holds a scalar with its variables resolved.
struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  Place place;
  std::string text;            // scalar
  bool quoted = false;         // scalar: was in quotes, so it is a string whatever it looks like
  std::vector<Node> items;     // list
  std::vector<Entry> entries;  // map

  const Node* find(std::string_view key) const;
  const Entry* entry(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place key_place;
  Node value;
};

}  // namespace penstock::topology
