// The inner loops of the searches, beside those of models/kernels.h: once for AVX-512 with VNNI, once for AVX2, once for
// any machine, picked at run time. What they compute are bounds, which may differ between them; answers do not. Safe for
// any number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace penstock {

/// Items as one byte a number, in blocks of 16: number j of item i in a block is  scales[i] · (codes[...] − 128)  with the
/// codes as [block][group of 4 numbers][16 items][4]; errors[i] is how far that is from the item (Euclidean).
struct ByteBlocks {
  const uint8_t* codes;
  const float* scales;  // by place, as the next two
  const float* errors;
  const float* biases;  // null: none
  int groups;
};

/// A user's vector x as  scale · code , and the length of that.
struct ByteQuery {
  const int8_t* codes;  // 4 · groups of them, at most `levels` without their sign
  int32_t sum;          // of the codes
  float scale;
  float length;
};

struct SearchKernels {
  /// Finds the first block from `block` on with an item whose bound  scale · scales[i] · (product of the codes)
  /// + length · errors[i] + biases[i]  is at least `threshold`; `hits` has a bit for each such item. Returns `end` if there
  /// is none.
  int64_t (*scan_bytes)(const ByteBlocks& items, const ByteQuery& x, int64_t block, int64_t end, float threshold,
                        uint32_t* hits);
  /// Largest code of a query: products of pairs must fit where the kernel adds them.
  int levels;
  /// Product of vectors at any address.
  float (*dot)(const float* a, const float* b, int width);
  std::string_view name;  // vnni, avx2, portable
};

/// The fastest that this machine can run.
const SearchKernels& search_kernels();
/// All that this machine can run, fastest first.
std::span<const SearchKernels* const> runnable_search_kernels();

}  // namespace penstock
