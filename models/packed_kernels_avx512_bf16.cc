// The kernels over packed rows for AVX-512 with products of bfloat16. Compiled with the flags for it; runs only where
// packed_kernels.cc found it.
#include <immintrin.h>

#include "models/packed_kernels.h"

namespace penstock {
namespace {

#include "models/kernels_avx512_vector.h"
#include "models/kernels_vector.h"

typedef uint32_t Words __attribute__((vector_size(64), may_alias));
constexpr bool kMultipliesPacked = true;
inline Vector multiply_packed(Vector sum, Words a, Words b) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }

#include "models/packed_kernels_body.h"

}  // namespace

extern const PackedKernels kAvx512Bf16PackedKernels;
const PackedKernels kAvx512Bf16PackedKernels = make_packed_kernels("avx512_bf16", 11);

}  // namespace penstock
