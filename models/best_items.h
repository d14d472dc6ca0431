// Keeps the n best of a stream of scored items: higher score first, equal scores by smaller item number.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "models/item_set.h"
#include "models/model.h"

namespace penstock {

inline bool better(const ScoredItem& a, const ScoredItem& b) {
  return a.score != b.score ? a.score > b.score : a.item < b.item;
}

class BestItems {
 public:
  explicit BestItems(size_t n) : n_(n) { heap_.reserve(std::min<size_t>(n, 1024)); }

  size_t wanted() const { return n_; }
  /// No item with a lower score can still get in.
  float threshold() const { return threshold_; }
  void offer(ScoredItem candidate) {
    if (heap_.size() < n_) {
      heap_.push_back(candidate);
      std::push_heap(heap_.begin(), heap_.end(), better);
    } else if (n_ > 0 && better(candidate, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), better);
      heap_.back() = candidate;
      std::push_heap(heap_.begin(), heap_.end(), better);
    }
    if (heap_.size() == n_ && n_ > 0)
      threshold_ = heap_.front().score;
  }
  /// Best first.
  std::vector<ScoredItem> sorted() && {
    std::sort_heap(heap_.begin(), heap_.end(), better);
    return std::move(heap_);
  }

 private:
  size_t n_;
  float threshold_ = -std::numeric_limits<float>::infinity();
  std::vector<ScoredItem> heap_;  // the worst in front
};

/// What a query rules out: what the user has seen, what is excluded, what is not allowed. The smallest set of questions
/// asked of it: is this one ruled out? Lives no longer than the query's set of allowed items.
class ItemMask {
 public:
  ItemMask() = default;
  explicit ItemMask(const ModelQuery& query) : allowed_(query.allowed) {
    const size_t seen = query.seen ? 0 : query.history.size();
    listed_ = seen + query.exclude.size();
    if (listed_ == 0)
      return;
    int32_t largest = 0;
    for (size_t i = 0; i < seen; ++i)
      largest = std::max(largest, query.history[i].item);
    for (const int32_t item : query.exclude)
      largest = std::max(largest, item);
    if (largest < kFew) {
      few_ = ItemSet(int64_t{largest} + 1);
      for (size_t i = 0; i < seen; ++i)
        put_few(query.history[i].item);
      for (const int32_t item : query.exclude)
        put_few(item);
      return;
    }
    // At most half of the places are taken: a look goes to one or two of them.
    const int bits = 64 - __builtin_clzll(2 * listed_ - 1);
    shift_ = 64 - bits;
    items_.assign(size_t{1} << bits, kNone);
    for (size_t i = 0; i < seen; ++i)
      put(query.history[i].item);
    for (const int32_t item : query.exclude)
      put(item);
  }
  bool contains(int32_t item) const { return !allows(item) || lists(item); }

  /// The two halves of the question: by the set of what is allowed, and by the list of what is not.
  bool allows(int32_t item) const { return allowed_ == nullptr || allowed_->contains(item); }
  bool lists(int32_t item) const { return items_.empty() ? few_.contains(item) : items_[place_of(item)] == item; }
  /// null: all.
  const ItemSet* allowed() const { return allowed_; }
  /// How many are listed, some perhaps twice.
  size_t listed() const { return listed_; }

 private:
  static constexpr int32_t kFew = 1 << 15;  // so many bits are quicker to clear than a table is to fill
  static constexpr int32_t kNone = std::numeric_limits<int32_t>::min();  // no item has this number

  // Where the item is, or else the empty place where it would be.
  size_t place_of(int32_t item) const {
    size_t place = static_cast<uint64_t>(item) * 0x9E3779B97F4A7C15ULL >> shift_;
    while (items_[place] != item && items_[place] != kNone)
      place = (place + 1) & (items_.size() - 1);
    return place;
  }
  void put(int32_t item) { items_[place_of(item)] = item; }
  void put_few(int32_t item) {
    if (item >= 0)
      few_.insert(item);
  }

  size_t listed_ = 0;
  int shift_ = 0;
  std::vector<int32_t> items_;  // what is listed, as a hash table without chains; empty: it is in few_
  ItemSet few_;
  const ItemSet* allowed_ = nullptr;
};

}  // namespace penstock
