// The inner loops of alternating least squares over rows that are packed to half their size: the passes over a training's
// entries wait for memory, and 8 bits of precision in the fixed side's factors change neither the objective nor the order
// of recommendations measurably. Products are summed in single precision. Once for each vector instruction set, picked at
// run time like models/kernels.h, whose widths and alignment hold here too. Safe for any number of threads.
//
// A packed row has `packed_width(width)` words of 32 bits: of each 32 numbers, word w holds number w in its low and number
// 16 + w in its high half, as bfloat16, rounded to the nearest even.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace penstock {

struct PackedKernels {
  /// With t_e = offset + slope · x·y_e for entry e: out += sum of c_e t_e y_e, and returns the sum of c_e t_e². y_e is
  /// packed row indices[e]; c_e is confidences[e], or 1 if `confidences` is null. An instruction set that multiplies
  /// bfloat16 rounds x to it as well.
  using Accumulate = float (*)(const uint32_t* rows, int width, const int32_t* indices, const float* confidences,
                               int64_t entries, const float* x, float offset, float slope, float* out);
  /// The version for this width.
  Accumulate (*accumulate)(int width);
  /// The sum of c_e (x·y_e)² alone.
  using Squares = float (*)(const uint32_t* rows, int width, const int32_t* indices, const float* confidences,
                            int64_t entries, const float* x);
  Squares (*squares)(int width);
  /// out = scale · sum of c_e y_e.
  void (*gather)(const uint32_t* rows, int width, const int32_t* indices, const float* confidences, int64_t entries,
                 float scale, float* out);
  /// Packs rows, each times its scale (1 if `scales` is null).
  void (*pack)(const float* rows, int64_t count, int width, const float* scales, uint32_t* out);

  std::string_view name;  // avx512_bf16, avx512, avx2, portable
};

/// Words of a packed row of `width` floats.
constexpr int packed_width(int width) { return (width + 31) / 32 * 16; }

/// The fastest that this machine can run.
const PackedKernels& packed_kernels();
/// All that this machine can run, fastest first.
std::span<const PackedKernels* const> runnable_packed_kernels();

}  // namespace penstock
