// How much input of a region may be uncommitted: as much as is declared, but less where its workers cannot hold what that
// input changes. Halves with every commit that leaves memory short, grows back by a sixteenth of the whole with the others:
// as TCP finds what a path can carry. A plain value.
#pragma once

#include <algorithm>
#include <cstdint>

namespace penstock {

class InFlightWindow {
 public:
  static constexpr uint64_t kLeast = 64 * 1024;

  explicit InFlightWindow(uint64_t most) : most_(most), bytes_(most) {}

  uint64_t bytes() const { return bytes_; }
  void committed(bool memory_is_short) {
    if (memory_is_short)
      bytes_ = std::max(std::min(kLeast, most_), bytes_ / 2);
    else
      bytes_ = std::min(most_, bytes_ + most_ / 16 + 1);
  }

 private:
  uint64_t most_;
  uint64_t bytes_;
};

}  // namespace penstock
