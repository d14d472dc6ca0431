// The inner loops of the factor models, once for each vector instruction set (AVX-512, AVX2 with FMA, any machine),
// picked at run time. Rows of factors are `width` floats: the number of factors padded with zeros to a multiple of 16.
// All rows and all vectors of length `width` are 64-byte aligned. Safe for any number of threads.
//
// Results differ in the last bits between instruction sets, never between runs on one of them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace penstock {

struct Kernels {
  /// out += sum over entries e of c_e (offset + slope · x·y_e) y_e, with y_e = factors row indices[e] and c_e =
  /// confidences[e], or 1 if `confidences` is null. Never forms a matrix. (1, −1) gives the data part of the residual
  /// of a row's normal equations, (0, 1) that of their product with x.
  using Accumulate = void (*)(const float* factors, int width, const int32_t* indices, const float* confidences,
                              int64_t entries, const float* x, float offset, float slope, float* out);
  /// The version for this width.
  Accumulate (*accumulate)(int width);

  /// out = scale · sum over entries e of c_e · column_scales[indices[e]] · y_e.
  void (*gather)(const float* factors, int width, const int32_t* indices, const float* confidences, int64_t entries,
                 const float* column_scales, float scale, float* out);
  /// b += sum of c_e y_e and squares += sum of c_e y_e², element by element.
  void (*gather_squares)(const float* factors, int width, const int32_t* indices, const float* confidences,
                         int64_t entries, float* b, float* squares);
  /// out += Bᵀ B, the lower triangle (and some of the upper). `out` is width × width.
  void (*gramian)(const float* rows, int64_t count, int width, float* out);
  /// Rows become rows × matrix (width × width), in place.
  void (*rotate)(float* rows, int64_t count, int width, const float* matrix);
  /// out += weight · row², element by element.
  void (*add_squares)(const float* row, int width, float weight, float* out);

  /// One row's equations (diag(D) + λ + data) x = b in a basis where the Gramian is diagonal, with the preconditioner
  /// M = 1 / (D + λ + n · m).
  struct Row {
    int width;
    const float* d;  // D
    const float* m;  // data part of the diagonal, for n = 1
    float lambda;
    float n;
    float* x;
    float* r;  // residual
    float* p;  // direction
    float* q;  // product of the matrix with p; its data part is added between the calls
  };
  struct Begin {
    float rz;         // r·M r
    float quadratic;  // x·(D + λ) x
  };
  /// On entry r holds the data part of the residual. r −= (D + λ) x, p = M r, q = (D + λ) p.
  Begin (*pcg_begin)(const Row& row);
  struct Step {
    float gain;  // by how much the step lowered the row's part of the objective
    float rz;    // r·M r of the new residual
  };
  /// Exact line search along p, whose product q is whole: x += a p with a = rz / p·q; then prepares the next step: r −= a
  /// q, the conjugate direction p, q = (D + λ) p. A direction without curvature changes nothing.
  Step (*pcg_step)(const Row& row, float rz);
  /// The same for the last step, which needs of the data only p·(their part of q): q is that of pcg_begin or pcg_step.
  /// Returns the gain.
  float (*pcg_last)(const Row& row, float rz, float data_curvature);

  /// Replaces a symmetric matrix (size × size, rows of `width`, the rest of each row 0) by its eigenvectors as rows, in the
  /// order of their `values`, which are in none. Returns false if it did not converge. Requires: finite numbers.
  bool (*symmetric_eigen)(float* matrix, int size, int width, double* values);

  float (*dot)(const float* a, const float* b, int width);
  /// out[i] = row i · x; the same bits as `dot` gives.
  void (*scores)(const float* rows, int64_t count, int width, const float* x, float* out);

  /// Items in blocks of 16, `heads` as [block][kHead dimensions][16 items]. From `block` on, finds the first block with
  /// an item whose bound  head · item + residual · residuals[item]  is at least `threshold`; `hits` has a bit for each
  /// such item. Returns `end` if there is none.
  static constexpr int kHead = 16;
  int64_t (*scan_heads)(const float* heads, const float* residuals, int64_t block, int64_t end, const float* head,
                        float residual, float threshold, uint32_t* hits);

  std::string_view name;  // avx512, avx2, portable
};

/// Factors padded to a row's width.
constexpr int padded_width(int factors) { return (factors + 15) / 16 * 16; }

/// The fastest that this machine can run.
const Kernels& kernels();
/// All that this machine can run, fastest first.
std::span<const Kernels* const> runnable_kernels();

}  // namespace penstock
