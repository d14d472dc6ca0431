// The distinct texts of a column, in order of first appearance, and for each row the number of its text: what makes
// columns of few distinct texts small. Used by batch_codec.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messages/column.h"

namespace penstock {

class TextDictionary {
 public:
  /// False where a dictionary does not pay: more distinct texts than half the rows, or texts too short.
  /// Requires: called once; the column is string or json.
  bool build(const Column& column);

  size_t entries() const { return offsets_.size() - 1; }
  std::span<const uint32_t> offsets() const { return offsets_; }
  std::string_view bytes() const { return bytes_; }
  std::span<const uint32_t> codes() const { return codes_; }

 private:
  // Number of the text, which is given the next one if it is new.
  uint32_t code_of(std::string_view text);
  std::string_view entry(uint32_t code) const {
    return std::string_view(bytes_).substr(offsets_[code], offsets_[code + 1] - offsets_[code]);
  }

  struct Slot {
    uint32_t hash = 0;
    uint32_t code_plus_1 = 0;  // 0: free
  };
  std::vector<Slot> slots_;  // open addressing, a power of two of them, at most half used
  std::vector<uint32_t> offsets_ = {0};
  std::string bytes_;
  std::vector<uint32_t> codes_;
};

/// The texts of the rows from a dictionary's texts and the rows' codes. False if a code is out of range or the texts
/// exceed 1 GiB.
bool expand_dictionary(std::span<const uint32_t> entry_offsets, std::string_view entry_bytes,
                       std::span<const uint32_t> codes, std::vector<uint32_t>& offsets, std::string& bytes);

}  // namespace penstock
