// Draws an index with given odds in constant time. Immutable after construction; safe for any number of threads.
//
// Source: Vose, "A linear algorithm for generating random numbers with a given distribution", IEEE Transactions on
// Software Engineering 17(9), 1991.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/random.h"

namespace penstock {

class AliasTable {
 public:
  /// Requires: at least one weight, none negative, their sum positive.
  explicit AliasTable(std::span<const double> weights);
  uint32_t draw(Random& random) const {
    const auto slot = static_cast<uint32_t>(random.below(keep_.size()));
    return random.uniform() < keep_[slot] ? slot : other_[slot];
  }

 private:
  std::vector<double> keep_;  // chance that a slot answers itself rather than its alias
  std::vector<uint32_t> other_;
};

}  // namespace penstock
