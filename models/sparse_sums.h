// Sums by item number where few items of many get anything: cleared in no time, and it knows whom it has touched. One
// thread at a time; a thread keeps one and uses it again.
#pragma once

#include <cstdint>
#include <vector>

namespace penstock {

class SparseSums {
 public:
  /// Nothing is summed yet; items are below `size`.
  void reset(size_t size) {
    if (sums_.size() < size || ++round_ == 0) {
      sums_.assign(size, {});
      round_ = 1;
    }
    touched_.clear();
  }
  void add(int32_t item, double value) {
    Sum& sum = sums_[item];
    if (sum.round != round_) {
      sum = {0, round_, 0};
      touched_.push_back(item);
    }
    sum.value += value;
    ++sum.additions;
  }
  bool has(int32_t item) const { return sums_[item].round == round_; }
  /// 0 if nothing was added.
  double at(int32_t item) const { return has(item) ? sums_[item].value : 0; }
  uint32_t additions(int32_t item) const { return has(item) ? sums_[item].additions : 0; }
  /// In order of the first addition.
  const std::vector<int32_t>& touched() const { return touched_; }

 private:
  struct Sum {
    double value = 0;
    uint32_t round = 0;
    uint32_t additions = 0;
  };
  std::vector<Sum> sums_;
  std::vector<int32_t> touched_;
  uint32_t round_ = 0;
};

}  // namespace penstock
