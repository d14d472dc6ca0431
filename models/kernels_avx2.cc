// The kernels for AVX2 with FMA. Compiled with the flags for it; runs only where kernels.cc found it.
#include <immintrin.h>

#include "models/kernels.h"
#include "models/packed_kernels.h"
#include "models/rank_kernels.h"

namespace penstock {
namespace {

typedef float Vector __attribute__((vector_size(32), may_alias));
constexpr int kLanes = 8;
constexpr int kHoldFour = 1;

inline Vector reduce(Vector a, Vector b, Vector c, Vector d) {
  const __m256 halves = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
  return _mm256_add_ps(halves, _mm256_permute2f128_ps(halves, halves, 1));
}
template <int kLane>
inline Vector pick(Vector v) {
  return _mm256_permute_ps(v, kLane * 0x55);
}
inline Vector repeat(const float* four) { return _mm256_broadcast_ps(reinterpret_cast<const __m128*>(four)); }
inline uint32_t at_least(Vector a, Vector b) {
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GE_OQ)));
}
inline Vector inverse_root(Vector v) { return _mm256_rsqrt_ps(v); }

constexpr bool kMultipliesPacked = false;

#include "models/kernels_body.h"
#include "models/packed_kernels_body.h"
#include "models/rank_kernels_body.h"

}  // namespace

extern const Kernels kAvx2Kernels;
const Kernels kAvx2Kernels = make_kernels("avx2", 4);
extern const PackedKernels kAvx2PackedKernels;
const PackedKernels kAvx2PackedKernels = make_packed_kernels("avx2", 4);
extern const RankKernels kAvx2RankKernels;
const RankKernels kAvx2RankKernels = make_rank_kernels();

}  // namespace penstock
