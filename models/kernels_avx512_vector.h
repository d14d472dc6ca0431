// The vector of AVX-512 and what kernels_body.h asks of it; included inside an unnamed namespace, behind immintrin.h.
#pragma once

typedef float Vector __attribute__((vector_size(64), may_alias));
constexpr int kLanes = 16;
constexpr int kHoldFour = 4;

inline Vector reduce(Vector a, Vector b, Vector c, Vector d) {
  const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
  const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
  const __m512 quarters = _mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xEE));
  const __m512 halves = _mm512_add_ps(quarters, _mm512_shuffle_f32x4(quarters, quarters, 0x4E));
  return _mm512_add_ps(halves, _mm512_shuffle_f32x4(halves, halves, 0xB1));
}
template <int kLane>
inline Vector pick(Vector v) {
  return _mm512_permute_ps(v, kLane * 0x55);
}
inline Vector repeat(const float* four) { return _mm512_broadcast_f32x4(_mm_load_ps(four)); }
inline uint32_t at_least(Vector a, Vector b) { return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ); }
inline Vector inverse_root(Vector v) { return _mm512_rsqrt14_ps(v); }
