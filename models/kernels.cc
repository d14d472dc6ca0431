#include "models/kernels.h"

#include <vector>

namespace penstock {

#if defined(__x86_64__)
extern const Kernels kAvx512Kernels;
extern const Kernels kAvx2Kernels;
#endif
extern const Kernels kPortableKernels;

std::span<const Kernels* const> runnable_kernels() {
  static const std::vector<const Kernels*> runnable = [] {
    std::vector<const Kernels*> out;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
      out.push_back(&kAvx512Kernels);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      out.push_back(&kAvx2Kernels);
#endif
    out.push_back(&kPortableKernels);
    return out;
  }();
  return runnable;
}

const Kernels& kernels() {
  static const Kernels& fastest = *runnable_kernels().front();
  return fastest;
}

}  // namespace penstock
