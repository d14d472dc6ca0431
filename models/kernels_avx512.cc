// The kernels for AVX-512 (F, DQ, VL). Compiled with the flags for it; runs only where kernels.cc found it.
#include <immintrin.h>

#include "models/kernels.h"
#include "models/packed_kernels.h"
#include "models/rank_kernels.h"

namespace penstock {
namespace {

#include "models/kernels_avx512_vector.h"

constexpr bool kMultipliesPacked = false;

#include "models/kernels_body.h"
#include "models/packed_kernels_body.h"
#include "models/rank_kernels_body.h"

}  // namespace

extern const Kernels kAvx512Kernels;
const Kernels kAvx512Kernels = make_kernels("avx512", 6);
extern const PackedKernels kAvx512PackedKernels;
const PackedKernels kAvx512PackedKernels = make_packed_kernels("avx512", 6);
extern const RankKernels kAvx512RankKernels;
const RankKernels kAvx512RankKernels = make_rank_kernels();

}  // namespace penstock
