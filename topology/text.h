// The raw text of a topology file: its lines, places and whether it is text at all. Holds a view: the text must outlive it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/value.h"

namespace penstock::topology {

class Text {
 public:
  explicit Text(std::string_view text);

  std::string_view text() const { return text_; }
  /// The place of a byte, its column counted in characters.
  Place place(size_t offset) const;
  /// Line `number` (from 1) without its end; empty if there is none.
  std::string_view line(int number) const;
  /// The first byte that no text file has: broken UTF-8 or a control character.
  std::optional<size_t> first_non_text() const;

 private:
  size_t characters(size_t offset) const;  // that begin before a byte

  std::string_view text_;
  std::vector<size_t> lines_;   // where each line starts
  std::vector<size_t> blocks_;  // characters that begin before each kBlock-th byte, so that long lines cost nothing
};

/// Whether the scalar at byte `offset` begins with a quote that never ends.
bool is_unclosed(const Text& raw, size_t offset);

/// Where the bytes of `value`, which YAML read from the scalar at byte `offset` of `raw`, stand: quotes, escapes, folded
/// lines and block indentation are followed.
TextMap map_scalar(const Text& raw, size_t offset, std::string_view value);

}  // namespace penstock::topology
