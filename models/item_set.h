// A set of item numbers as bits: which items an answer may hold. Built by one thread, then read by any number.
#pragma once

#include <cstdint>
#include <vector>

namespace penstock {

class ItemSet {
 public:
  ItemSet() = default;
  /// None of `size` items, or all of them.
  explicit ItemSet(int64_t size, bool all = false) : size_(size), words_((size + 63) / 64, all ? ~0ULL : 0) {}

  int64_t size() const { return size_; }
  /// Numbers outside the set's size are in none.
  bool contains(int32_t item) const {
    return item >= 0 && item < size_ && (words_[static_cast<size_t>(item) / 64] >> (item % 64) & 1) != 0;
  }
  /// Requires: 0 <= item < size().
  void insert(int32_t item) { words_[static_cast<size_t>(item) / 64] |= 1ULL << (item % 64); }
  void erase(int32_t item) { words_[static_cast<size_t>(item) / 64] &= ~(1ULL << (item % 64)); }
  int64_t count() const {
    int64_t items = 0;
    for (int32_t item = 0; item < size_; ++item)
      items += contains(item);
    return items;
  }
  size_t memory() const { return words_.size() * sizeof(uint64_t); }

 private:
  int64_t size_ = 0;
  std::vector<uint64_t> words_;
};

}  // namespace penstock
