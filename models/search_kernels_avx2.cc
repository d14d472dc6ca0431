// The search's kernels for AVX2 with FMA. Compiled with the flags for it; runs only where search_kernels.cc found it.
#include <immintrin.h>

#include "models/search_kernels.h"

namespace penstock {
namespace {

constexpr int kItems = 16;

// Bounds of eight items.
inline __m256 bounds(const ByteBlocks& items, const ByteQuery& x, int64_t place, __m256i products) {
  __m256 bound = _mm256_mul_ps(_mm256_set1_ps(x.length), _mm256_load_ps(items.errors + place));
  if (items.biases != nullptr)
    bound = _mm256_add_ps(bound, _mm256_load_ps(items.biases + place));
  const __m256 scale = _mm256_mul_ps(_mm256_set1_ps(x.scale), _mm256_load_ps(items.scales + place));
  return _mm256_fmadd_ps(scale, _mm256_cvtepi32_ps(products), bound);
}

int64_t scan_bytes(const ByteBlocks& items, const ByteQuery& x, int64_t block, int64_t end, float threshold,
                   uint32_t* hits) {
  const int32_t* words = reinterpret_cast<const int32_t*>(x.codes);
  const __m256i start = _mm256_set1_epi32(-128 * x.sum), ones = _mm256_set1_epi16(1);
  const __m256 least = _mm256_set1_ps(threshold);
  for (; block < end; ++block) {
    const uint8_t* codes = items.codes + block * items.groups * 64;
    __m256i low = start, high = start;
    for (int group = 0; group < items.groups; ++group, codes += 64) {
      const __m256i word = _mm256_set1_epi32(words[group]);
      const __m256i first = _mm256_load_si256(reinterpret_cast<const __m256i*>(codes));
      const __m256i second = _mm256_load_si256(reinterpret_cast<const __m256i*>(codes + 32));
      // Pairs add up to at most 255 · 63 · 2, which fits 16 bits.
      low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_maddubs_epi16(first, word), ones));
      high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_maddubs_epi16(second, word), ones));
    }
    const __m256 of_low = bounds(items, x, block * kItems, low), of_high = bounds(items, x, block * kItems + 8, high);
    const auto found = static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(of_low, least, _CMP_GE_OQ))) |
                       static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(of_high, least, _CMP_GE_OQ))) << 8;
    if (found != 0) {
      *hits = found;
      return block;
    }
  }
  return end;
}

float dot(const float* a, const float* b, int width) {
  __m256 sum = _mm256_setzero_ps(), other = sum;
  for (int j = 0; j < width; j += 16) {
    sum = _mm256_fmadd_ps(_mm256_loadu_ps(a + j), _mm256_loadu_ps(b + j), sum);
    other = _mm256_fmadd_ps(_mm256_loadu_ps(a + j + 8), _mm256_loadu_ps(b + j + 8), other);
  }
  sum = _mm256_add_ps(sum, other);
  const __m128 half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
  const __m128 quarter = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(quarter, _mm_movehdup_ps(quarter)));
}

}  // namespace

extern const SearchKernels kAvx2SearchKernels;
const SearchKernels kAvx2SearchKernels = {scan_bytes, 63, dot, "avx2"};

}  // namespace penstock
