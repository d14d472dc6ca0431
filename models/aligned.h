// A buffer of floats aligned for vector loads. Large ones ask for huge pages, which spares address translations when
// rows are gathered from all over. Moves, does not copy by accident.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace penstock {

class AlignedFloats {
 public:
  AlignedFloats() = default;
  /// All zero.
  explicit AlignedFloats(size_t count) : count_(count) {
    constexpr size_t kHugePage = size_t{2} << 20;
    const size_t alignment = count * sizeof(float) >= kHugePage ? kHugePage : 64;
    const size_t bytes = (count * sizeof(float) + alignment - 1) / alignment * alignment;
    if (bytes == 0)
      return;
    data_.reset(static_cast<float*>(std::aligned_alloc(alignment, bytes)));
    if (data_ == nullptr)
      throw std::bad_alloc();
#if defined(__linux__)
    if (alignment == kHugePage)
      (void)madvise(data_.get(), bytes, MADV_HUGEPAGE);  // only a hint
#endif
    std::memset(data_.get(), 0, bytes);
  }
  AlignedFloats(AlignedFloats&& other) noexcept
      : data_(std::move(other.data_)), count_(std::exchange(other.count_, 0)) {}
  AlignedFloats& operator=(AlignedFloats&& other) noexcept {
    data_ = std::move(other.data_);
    count_ = std::exchange(other.count_, 0);
    return *this;
  }

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  size_t size() const { return count_; }
  float& operator[](size_t i) { return data_.get()[i]; }
  float operator[](size_t i) const { return data_.get()[i]; }

 private:
  struct Free {
    void operator()(float* data) const { std::free(data); }
  };
  std::unique_ptr<float, Free> data_;
  size_t count_ = 0;
};

}  // namespace penstock
