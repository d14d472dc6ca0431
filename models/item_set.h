// A set of item numbers as bits: which items an answer may hold. Built by one thread, then read by any number.
#pragma once

#include <cstdint>
#include <vector>

namespace penstock {

class ItemSet {
 public:
  ItemSet() = default;
  /// None of `size` items, or all of them.
  explicit ItemSet(int64_t size, bool all = false)
      : size_(size), count_(all ? size : 0), words_((size + 63) / 64, all ? ~0ULL : 0) {
    if (all && size % 64 != 0)
      words_.back() = ~0ULL >> (64 - size % 64);
  }

  int64_t size() const { return size_; }
  /// Numbers outside the set's size are in none.
  bool contains(int32_t item) const {
    return item >= 0 && item < size_ && (words_[static_cast<size_t>(item) / 64] >> (item % 64) & 1) != 0;
  }
  /// Requires: 0 <= item < size().
  void insert(int32_t item) {
    count_ += !contains(item);
    words_[static_cast<size_t>(item) / 64] |= 1ULL << (item % 64);
  }
  void erase(int32_t item) {
    count_ -= contains(item);
    words_[static_cast<size_t>(item) / 64] &= ~(1ULL << (item % 64));
  }
  int64_t count() const { return count_; }
  /// Calls `visit` with each item of the set, ascending.
  template <class Visit>
  void for_each(Visit visit) const {
    for (size_t word = 0; word < words_.size(); ++word) {
      for (uint64_t bits = words_[word]; bits != 0; bits &= bits - 1)
        visit(static_cast<int32_t>(word * 64 + __builtin_ctzll(bits)));
    }
  }
  size_t memory() const { return words_.size() * sizeof(uint64_t); }

 private:
  int64_t size_ = 0;
  int64_t count_ = 0;
  std::vector<uint64_t> words_;
};

}  // namespace penstock
