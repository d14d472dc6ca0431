// The inner loops of models trained by stochastic gradient descent on pairs of items, once for each vector instruction
// set, picked at run time like models/kernels.h, whose widths and alignment hold here too. Safe for any number of threads
// as long as no two of them have the same rows.
//
// Steps are Adagrad's: θ −= η g / √G, then G += g², for each number on its own.
// Source: Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR
// 2011.
#pragma once

namespace penstock {

struct RankKernels {
  /// out[k] = rows[k] · x, for four rows.
  void (*dots)(const float* const* rows, const float* x, int width, float* out);
  /// One row along the gradient scale · direction.
  void (*descend)(float* row, float* squares, const float* direction, float scale, float rate, int width);

  struct Rows {
    float* values;
    float* squares;  // G
  };
  /// A user x, an item p that should have scored above an item n: the gradients of loss · (x·n − x·p), all at once.
  /// Requires: three different rows.
  void (*descend_pair)(const Rows& user, const Rows& positive, const Rows& negative, float loss, float rate, int width);
  /// row += scale · other.
  void (*add)(float* row, const float* other, float scale, int width);
};

/// The fastest that this machine can run: of the same instruction set as kernels().
const RankKernels& rank_kernels();

}  // namespace penstock
