// Keeps the n best of a stream of scored items: higher score first, equal scores by smaller item number.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

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
    items_.reserve((query.seen ? 0 : query.history.size()) + query.exclude.size());
    if (!query.seen)
      for (const ItemWeight& seen : query.history)
        items_.push_back(seen.item);
    items_.insert(items_.end(), query.exclude.begin(), query.exclude.end());
    if (!std::is_sorted(items_.begin(), items_.end()))
      std::sort(items_.begin(), items_.end());
  }
  bool contains(int32_t item) const { return !allows(item) || lists(item); }

  /// The two halves of the question, the cheaper one first: by the set of what is allowed, and by the list of what is not.
  bool allows(int32_t item) const { return allowed_ == nullptr || allowed_->contains(item); }
  bool lists(int32_t item) const { return std::binary_search(items_.begin(), items_.end(), item); }
  /// null: all.
  const ItemSet* allowed() const { return allowed_; }
  /// How many are listed, some perhaps twice.
  size_t listed() const { return items_.size(); }

 private:
  std::vector<int32_t> items_;  // ascending
  const ItemSet* allowed_ = nullptr;
};

}  // namespace penstock
