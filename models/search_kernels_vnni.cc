// The search's kernels for AVX-512 with VNNI. Compiled with the flags for it; runs only where search_kernels.cc found it.
#include <immintrin.h>

#include "models/search_kernels.h"

namespace penstock {
namespace {

constexpr int kItems = 16;

int64_t scan_bytes(const ByteBlocks& items, const ByteQuery& x, int64_t block, int64_t end, float threshold,
                   uint32_t* hits) {
  const int32_t* words = reinterpret_cast<const int32_t*>(x.codes);
  const __m512i start = _mm512_set1_epi32(-128 * x.sum);
  const __m512 scale = _mm512_set1_ps(x.scale), length = _mm512_set1_ps(x.length), least = _mm512_set1_ps(threshold);
  const int groups = items.groups;  // a multiple of 4
  for (; block < end; ++block) {
    const uint8_t* codes = items.codes + block * groups * 64;
    __m512i a = start, b = _mm512_setzero_si512(), c = b, d = b;
    for (int group = 0; group < groups; group += 4, codes += 256) {
      a = _mm512_dpbusd_epi32(a, _mm512_load_si512(codes), _mm512_set1_epi32(words[group]));
      b = _mm512_dpbusd_epi32(b, _mm512_load_si512(codes + 64), _mm512_set1_epi32(words[group + 1]));
      c = _mm512_dpbusd_epi32(c, _mm512_load_si512(codes + 128), _mm512_set1_epi32(words[group + 2]));
      d = _mm512_dpbusd_epi32(d, _mm512_load_si512(codes + 192), _mm512_set1_epi32(words[group + 3]));
    }
    const __m512 product = _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_add_epi32(a, b), _mm512_add_epi32(c, d)));
    __m512 bound = _mm512_mul_ps(length, _mm512_load_ps(items.errors + block * kItems));
    if (items.biases != nullptr)
      bound = _mm512_add_ps(bound, _mm512_load_ps(items.biases + block * kItems));
    bound = _mm512_fmadd_ps(_mm512_mul_ps(scale, _mm512_load_ps(items.scales + block * kItems)), product, bound);
    const __mmask16 found = _mm512_cmp_ps_mask(bound, least, _CMP_GE_OQ);
    if (found != 0) {
      *hits = found;
      return block;
    }
  }
  return end;
}

float dot(const float* a, const float* b, int width) {
  __m512 sum = _mm512_setzero_ps(), other = sum;
  int j = 0;
  for (; j + 32 <= width; j += 32) {
    sum = _mm512_fmadd_ps(_mm512_loadu_ps(a + j), _mm512_loadu_ps(b + j), sum);
    other = _mm512_fmadd_ps(_mm512_loadu_ps(a + j + 16), _mm512_loadu_ps(b + j + 16), other);
  }
  if (j < width)
    sum = _mm512_fmadd_ps(_mm512_loadu_ps(a + j), _mm512_loadu_ps(b + j), sum);
  return _mm512_reduce_add_ps(_mm512_add_ps(sum, other));
}

}  // namespace

extern const SearchKernels kVnniSearchKernels;
const SearchKernels kVnniSearchKernels = {scan_bytes, 127, dot, "vnni"};

}  // namespace penstock
