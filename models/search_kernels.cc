#include "models/search_kernels.h"

#include <vector>

namespace penstock {
namespace {

constexpr int kItems = 16;

int64_t scan_bytes(const ByteBlocks& items, const ByteQuery& x, int64_t block, int64_t end, float threshold,
                   uint32_t* hits) {
  for (; block < end; ++block) {
    const uint8_t* codes = items.codes + block * items.groups * kItems * 4;
    int32_t products[kItems];
    for (int32_t& product : products)
      product = -128 * x.sum;
    for (int group = 0; group < items.groups; ++group, codes += kItems * 4) {
      const int8_t* of_x = x.codes + group * 4;
      for (int i = 0; i < kItems; ++i) {
        for (int j = 0; j < 4; ++j)
          products[i] += codes[i * 4 + j] * of_x[j];
      }
    }
    uint32_t found = 0;
    for (int i = 0; i < kItems; ++i) {
      const int64_t place = block * kItems + i;
      const float bound = items.scales[place] * x.scale * static_cast<float>(products[i]) +
                          x.length * items.errors[place] + (items.biases == nullptr ? 0 : items.biases[place]);
      found |= static_cast<uint32_t>(bound >= threshold) << i;
    }
    if (found != 0) {
      *hits = found;
      return block;
    }
  }
  return end;
}

float dot(const float* a, const float* b, int width) {
  float sums[4] = {};
  for (int j = 0; j < width; j += 4) {
    for (int k = 0; k < 4; ++k)
      sums[k] += a[j + k] * b[j + k];
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

const SearchKernels kPortable = {scan_bytes, 127, dot, "portable"};

}  // namespace

#if defined(__x86_64__)
extern const SearchKernels kVnniSearchKernels;
extern const SearchKernels kAvx2SearchKernels;
#endif

std::span<const SearchKernels* const> runnable_search_kernels() {
  static const std::vector<const SearchKernels*> runnable = [] {
    std::vector<const SearchKernels*> out;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vnni"))
      out.push_back(&kVnniSearchKernels);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      out.push_back(&kAvx2SearchKernels);
#endif
    out.push_back(&kPortable);
    return out;
  }();
  return runnable;
}

const SearchKernels& search_kernels() {
  static const SearchKernels& fastest = *runnable_search_kernels().front();
  return fastest;
}

}  // namespace penstock
