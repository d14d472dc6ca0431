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

/// Where the bytes of a scalar's text stand in the file, so that a mistake inside an expression is shown at its own place
/// whatever way the scalar is written (quoted, folded, with variables). Empty: the text begins at the scalar's place.
class TextMap {
 public:
  /// From byte `offset` of the text on, bytes stand at `place` and behind it on its line; all at `place` if `fixed`.
  /// Requires: offsets ascend.
  void add(size_t offset, Place place, bool fixed = false);
  /// The place of byte `offset` of a text that belongs to a scalar at `start`.
  Place at(size_t offset, Place start) const;
  /// The map of the same text without its first `offset` bytes.
  TextMap from(size_t offset, Place start) const;
  bool empty() const { return spans_.empty(); }

 private:
  struct Span {
    size_t offset;
    Place place;
    bool fixed;
  };
  std::vector<Span> spans_;
};

struct Entry;

/// One scalar, list or map. `text` holds a scalar with its variables resolved.
struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  Place place;
  std::string text;            // scalar
  bool quoted = false;         // scalar: was in quotes, so it is a string whatever it looks like
  bool broken = false;         // scalar: a mistake in it was reported already, its text means nothing
  TextMap text_map;            // scalar
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
