// The kernels for any machine: vectors of four, which the compiler maps to whatever there is.
#include "models/kernels.h"
#include "models/packed_kernels.h"
#include "models/rank_kernels.h"

namespace penstock {
namespace {

typedef float Vector __attribute__((vector_size(16), may_alias));
constexpr int kLanes = 4;
constexpr int kHoldFour = 1;

inline Vector reduce(Vector a, Vector b, Vector c, Vector d) {
  return Vector{(a[0] + a[1]) + (a[2] + a[3]), (b[0] + b[1]) + (b[2] + b[3]), (c[0] + c[1]) + (c[2] + c[3]),
                (d[0] + d[1]) + (d[2] + d[3])};
}
template <int kLane>
inline Vector pick(Vector v) {
  return Vector{} + v[kLane];
}
inline Vector repeat(const float* four) { return Vector{four[0], four[1], four[2], four[3]}; }
inline uint32_t at_least(Vector a, Vector b) {
  uint32_t bits = 0;
  for (int lane = 0; lane < kLanes; ++lane)
    bits |= static_cast<uint32_t>(a[lane] >= b[lane]) << lane;
  return bits;
}
inline Vector inverse_root(Vector v) {
  return Vector{1 / __builtin_sqrtf(v[0]), 1 / __builtin_sqrtf(v[1]), 1 / __builtin_sqrtf(v[2]),
                1 / __builtin_sqrtf(v[3])};
}

constexpr bool kMultipliesPacked = false;

#include "models/kernels_body.h"
#include "models/packed_kernels_body.h"
#include "models/rank_kernels_body.h"

}  // namespace

extern const Kernels kPortableKernels;
const Kernels kPortableKernels = make_kernels("portable", 8);
extern const PackedKernels kPortablePackedKernels;
const PackedKernels kPortablePackedKernels = make_packed_kernels("portable", 8);
extern const RankKernels kPortableRankKernels;
const RankKernels kPortableRankKernels = make_rank_kernels();

}  // namespace penstock
