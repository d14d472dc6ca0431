#include "models/packed_kernels.h"

#include <vector>

namespace penstock {

#if defined(__x86_64__)
extern const PackedKernels kAvx512Bf16PackedKernels;
extern const PackedKernels kAvx512PackedKernels;
extern const PackedKernels kAvx2PackedKernels;
#endif
extern const PackedKernels kPortablePackedKernels;

std::span<const PackedKernels* const> runnable_packed_kernels() {
  static const std::vector<const PackedKernels*> runnable = [] {
    std::vector<const PackedKernels*> out;
#if defined(__x86_64__)
    const bool avx512 =
        __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (avx512 && __builtin_cpu_supports("avx512bf16"))
      out.push_back(&kAvx512Bf16PackedKernels);
    if (avx512)
      out.push_back(&kAvx512PackedKernels);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      out.push_back(&kAvx2PackedKernels);
#endif
    out.push_back(&kPortablePackedKernels);
    return out;
  }();
  return runnable;
}

const PackedKernels& packed_kernels() {
  static const PackedKernels& fastest = *runnable_packed_kernels().front();
  return fastest;
}

}  // namespace penstock
