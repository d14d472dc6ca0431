#include "models/rank_kernels.h"

#include <string_view>

#include "models/kernels.h"

namespace penstock {

#if defined(__x86_64__)
extern const RankKernels kAvx512RankKernels;
extern const RankKernels kAvx2RankKernels;
#endif
extern const RankKernels kPortableRankKernels;

const RankKernels& rank_kernels() {
#if defined(__x86_64__)
  static const RankKernels& fastest = kernels().name == "avx512" ? kAvx512RankKernels
                                      : kernels().name == "avx2" ? kAvx2RankKernels
                                                                 : kPortableRankKernels;
  return fastest;
#else
  return kPortableRankKernels;
#endif
}

}  // namespace penstock
