// The kernels, written once over a vector type. Each kernels_*.cc is compiled for its instruction set, defines in an
// unnamed namespace what stands below, and includes this file inside that namespace. Nothing here calls a function that
// another translation unit could share (std:: inlines included): the linker would keep one copy, for any machine.
//
//   kLanes                 floats of a Vector, which is a GCC vector type
//   kHoldFour              up to how many vectors a row may have for four rows to stay in registers
//   reduce(a, b, c, d)     a vector whose lane l holds the sum of the l % 4th argument
//   pick<l>(v)             lane l of each group of four, in all lanes of the group
//   repeat(four)           four floats, repeated over the vector
//   at_least(a, b)         bit l is set if lane l of a is not below that of b

#include "models/kernels_vector.h"

// V vectors a row; sums and x stay in registers, and where they fit the four rows do too.
template <int V>
void accumulate_fixed(const float* factors, int, const int32_t* indices, const float* confidences, int64_t entries,
                      const float* x, float offset, float slope, float* out) {
  Vector xs[V], sums[V];
#pragma GCC unroll 16
  for (int j = 0; j < V; ++j) {
    xs[j] = at(x, j);
    sums[j] = at(out, j);
  }
  for (int64_t entry = 0; entry < entries; entry += 4) {
    Four four;
    take_four(factors, V * kLanes, indices, confidences, entry, entries, four);
    Vector a = at(four.row[0], 0) * xs[0], b = at(four.row[1], 0) * xs[0];
    Vector c = at(four.row[2], 0) * xs[0], d = at(four.row[3], 0) * xs[0];
#pragma GCC unroll 16
    for (int j = 1; j < V; ++j) {
      a += at(four.row[0], j) * xs[j];
      b += at(four.row[1], j) * xs[j];
      c += at(four.row[2], j) * xs[j];
      d += at(four.row[3], j) * xs[j];
    }
    const Vector coefficient = coefficients(reduce(a, b, c, d), four, offset, slope);
    const Vector c0 = pick<0>(coefficient), c1 = pick<1>(coefficient);
    const Vector c2 = pick<2>(coefficient), c3 = pick<3>(coefficient);
    // Beyond what the registers hold, loading a row again from the first-level cache is cheaper than spilling it.
    if constexpr (V > kHoldFour)
      asm volatile("" ::: "memory");
#pragma GCC unroll 16
    for (int j = 0; j < V; ++j) {
      sums[j] += at(four.row[0], j) * c0;
      sums[j] += at(four.row[1], j) * c1;
      sums[j] += at(four.row[2], j) * c2;
      sums[j] += at(four.row[3], j) * c3;
    }
  }
#pragma GCC unroll 16
  for (int j = 0; j < V; ++j)
    at(out, j) = sums[j];
}

// Any width; x and the sums stay in the first-level cache.
void accumulate_any(const float* factors, int width, const int32_t* indices, const float* confidences, int64_t entries,
                    const float* x, float offset, float slope, float* out) {
  const int vectors = width / kLanes;
  for (int64_t entry = 0; entry < entries; entry += 4) {
    Four four;
    take_four(factors, width, indices, confidences, entry, entries, four);
    Vector a = {}, b = {}, c = {}, d = {};
    for (int j = 0; j < vectors; ++j) {
      const Vector xj = at(x, j);
      a += at(four.row[0], j) * xj;
      b += at(four.row[1], j) * xj;
      c += at(four.row[2], j) * xj;
      d += at(four.row[3], j) * xj;
    }
    const Vector coefficient = coefficients(reduce(a, b, c, d), four, offset, slope);
    const Vector c0 = pick<0>(coefficient), c1 = pick<1>(coefficient);
    const Vector c2 = pick<2>(coefficient), c3 = pick<3>(coefficient);
    for (int j = 0; j < vectors; ++j) {
      Vector total = at(out, j);
      total += at(four.row[0], j) * c0;
      total += at(four.row[1], j) * c1;
      total += at(four.row[2], j) * c2;
      total += at(four.row[3], j) * c3;
      at(out, j) = total;
    }
  }
}

Kernels::Accumulate accumulate_for(int width) {
  switch (width / kLanes) {
    case 1: return accumulate_fixed<1>;
    case 2: return accumulate_fixed<2>;
    case 3: return accumulate_fixed<3>;
    case 4: return accumulate_fixed<4>;
    case 5: return accumulate_fixed<5>;
    case 6: return accumulate_fixed<6>;
    case 7: return accumulate_fixed<7>;
    case 8: return accumulate_fixed<8>;
    default: return accumulate_any;
  }
}

inline void scale_four(Four& four, const int32_t* indices, const float* column_scales, float scale, int64_t entry,
                       int64_t entries) {
  for (int k = 0; k < 4; ++k)
    four.confidence[k] *= entry + k < entries ? scale * column_scales[indices[entry + k]] : 0.0f;
}

template <int V>
void gather_fixed(const float* factors, const int32_t* indices, const float* confidences, int64_t entries,
                  const float* column_scales, float scale, float* out) {
  Vector sums[V];
#pragma GCC unroll 16
  for (int j = 0; j < V; ++j)
    sums[j] = Vector{};
  for (int64_t entry = 0; entry < entries; entry += 4) {
    Four four;
    take_four(factors, V * kLanes, indices, confidences, entry, entries, four);
    scale_four(four, indices, column_scales, scale, entry, entries);
    for (int k = 0; k < 4; ++k) {
      const Vector c = all(four.confidence[k]);
#pragma GCC unroll 16
      for (int j = 0; j < V; ++j)
        sums[j] += at(four.row[k], j) * c;
    }
  }
#pragma GCC unroll 16
  for (int j = 0; j < V; ++j)
    at(out, j) = sums[j];
}

void gather(const float* factors, int width, const int32_t* indices, const float* confidences, int64_t entries,
            const float* column_scales, float scale, float* out) {
  const int vectors = width / kLanes;
  if (vectors == 4)
    return gather_fixed<4>(factors, indices, confidences, entries, column_scales, scale, out);
  if (vectors == 8)
    return gather_fixed<8>(factors, indices, confidences, entries, column_scales, scale, out);
  for (int j = 0; j < vectors; ++j)
    at(out, j) = Vector{};
  for (int64_t entry = 0; entry < entries; entry += 4) {
    Four four;
    take_four(factors, width, indices, confidences, entry, entries, four);
    scale_four(four, indices, column_scales, scale, entry, entries);
    const Vector c0 = all(four.confidence[0]), c1 = all(four.confidence[1]);
    const Vector c2 = all(four.confidence[2]), c3 = all(four.confidence[3]);
    for (int j = 0; j < vectors; ++j) {
      Vector total = at(out, j);
      total += at(four.row[0], j) * c0;
      total += at(four.row[1], j) * c1;
      total += at(four.row[2], j) * c2;
      total += at(four.row[3], j) * c3;
      at(out, j) = total;
    }
  }
}

void gather_squares(const float* factors, int width, const int32_t* indices, const float* confidences, int64_t entries,
                    float* b, float* squares) {
  const int vectors = width / kLanes;
  for (int64_t entry = 0; entry < entries; entry += 4) {
    Four four;
    take_four(factors, width, indices, confidences, entry, entries, four);
    for (int j = 0; j < vectors; ++j) {
      Vector linear = at(b, j), square = at(squares, j);
      for (int k = 0; k < 4; ++k) {
        const Vector y = at(four.row[k], j);
        const Vector cy = y * four.confidence[k];
        linear += cy;
        square += cy * y;
      }
      at(b, j) = linear;
      at(squares, j) = square;
    }
  }
}

// Tiles of kTile rows × two vectors of columns of the result stay in registers over all rows of B.
constexpr int kTile = kLanes == 16 ? 8 : 4;

void gramian(const float* rows, int64_t count, int width, float* out) {
  for (int top = 0; top < width; top += kTile) {
    for (int left = 0; left <= top + kTile - 1; left += 2 * kLanes) {
      const bool two = left + kLanes < width;
      Vector first[kTile], second[kTile];
#pragma GCC unroll 8
      for (int a = 0; a < kTile; ++a)
        first[a] = second[a] = Vector{};
      const float* row = rows;
      const int right = two ? left + kLanes : left;
      for (int64_t i = 0; i < count; ++i, row += width) {
        const Vector u = at(row + left, 0), v = at(row + right, 0);
#pragma GCC unroll 8
        for (int a = 0; a < kTile; ++a) {
          first[a] += u * row[top + a];
          second[a] += v * row[top + a];
        }
      }
#pragma GCC unroll 8
      for (int a = 0; a < kTile; ++a) {
        float* place = out + static_cast<int64_t>(top + a) * width;
        at(place + left, 0) += first[a];
        if (two)
          at(place + right, 0) += second[a];
      }
    }
  }
}

void rotate(float* rows, int64_t count, int width, const float* matrix) {
  alignas(64) float before[kTile * kMaxWidth];
  for (int64_t start = 0; start < count; start += kTile) {
    const int64_t taken = count - start < kTile ? count - start : kTile;
    float* block = rows + start * width;
    __builtin_memcpy(before, block, sizeof(float) * taken * width);
    if (taken < kTile)
      __builtin_memset(before + taken * width, 0, sizeof(float) * (kTile - taken) * width);
    for (int left = 0; left < width; left += 2 * kLanes) {
      const int right = left + kLanes < width ? left + kLanes : left;
      Vector first[kTile], second[kTile];
#pragma GCC unroll 8
      for (int a = 0; a < kTile; ++a)
        first[a] = second[a] = Vector{};
      const float* line = matrix;
      for (int i = 0; i < width; ++i, line += width) {
        const Vector u = at(line + left, 0), v = at(line + right, 0);
#pragma GCC unroll 8
        for (int a = 0; a < kTile; ++a) {
          const float factor = before[a * width + i];
          first[a] += u * factor;
          second[a] += v * factor;
        }
      }
      for (int a = 0; a < taken; ++a) {
        at(block + a * width + left, 0) = first[a];
        at(block + a * width + right, 0) = right == left ? first[a] : second[a];
      }
    }
  }
}

void add_squares(const float* row, int width, float weight, float* out) {
  for (int j = 0; j < width / kLanes; ++j)
    at(out, j) += at(row, j) * at(row, j) * weight;
}

Kernels::Begin pcg_begin(const Kernels::Row& row) {
  Vector rz = {}, quadratic = {};
  for (int j = 0; j < row.width / kLanes; ++j) {
    const Vector d = at(row.d, j) + row.lambda;
    const Vector x = at(row.x, j), dx = d * x;
    const Vector r = at(row.r, j) - dx;
    const Vector z = r / (d + at(row.m, j) * row.n);
    at(row.r, j) = r;
    at(row.p, j) = z;
    at(row.q, j) = d * z;
    rz += r * z;
    quadratic += x * dx;
  }
  return {sum(rz), sum(quadratic)};
}

inline float dot_of(const float* a, const float* b, int vectors) {
  Vector products = {};
  for (int j = 0; j < vectors; ++j)
    products += at(a, j) * at(b, j);
  return sum(products);
}

Kernels::Step pcg_step(const Kernels::Row& row, float rz) {
  const int vectors = row.width / kLanes;
  const float curvature = dot_of(row.p, row.q, vectors);
  if (!(curvature > 0) || !(rz > 0))
    return {0, 0};
  const float a = rz / curvature;
  Vector next = {};
  for (int j = 0; j < vectors; ++j) {
    at(row.x, j) += at(row.p, j) * a;
    const Vector d = at(row.d, j) + row.lambda;
    const Vector r = at(row.r, j) - at(row.q, j) * a;
    at(row.r, j) = r;
    next += r * r / (d + at(row.m, j) * row.n);
  }
  const float next_rz = sum(next);
  const float b = next_rz / rz;
  for (int j = 0; j < vectors; ++j) {
    const Vector d = at(row.d, j) + row.lambda;
    const Vector p = at(row.r, j) / (d + at(row.m, j) * row.n) + at(row.p, j) * b;
    at(row.p, j) = p;
    at(row.q, j) = d * p;
  }
  return {a * rz, next_rz};
}

float pcg_last(const Kernels::Row& row, float rz, float data_curvature) {
  const int vectors = row.width / kLanes;
  const float curvature = dot_of(row.p, row.q, vectors) + data_curvature;
  if (!(curvature > 0) || !(rz > 0))
    return 0;
  const float a = rz / curvature;
  for (int j = 0; j < vectors; ++j)
    at(row.x, j) += at(row.p, j) * a;
  return a * rz;
}

// Four rows' dot products with x, each summed in the same order whichever of the four it is.
inline Vector four_dots(const float* const row[4], int vectors, const float* x) {
  Vector a = {}, b = {}, c = {}, d = {};
  for (int j = 0; j < vectors; ++j) {
    const Vector xj = at(x, j);
    a += at(row[0], j) * xj;
    b += at(row[1], j) * xj;
    c += at(row[2], j) * xj;
    d += at(row[3], j) * xj;
  }
  return reduce(a, b, c, d);
}

float dot(const float* a, const float* b, int width) { return dot_of(a, b, width / kLanes); }

void scores(const float* rows, int64_t count, int width, const float* x, float* out) {
  for (int64_t i = 0; i < count; i += 4) {
    const float* row[4];
    for (int k = 0; k < 4; ++k)
      row[k] = i + k < count ? rows + (i + k) * width : kZeros;
    const Vector dots = four_dots(row, width / kLanes, x);
    for (int k = 0; k < 4 && i + k < count; ++k)
      out[i + k] = dots[k];
  }
}

int64_t scan_heads(const float* heads, const float* residuals, int64_t block, int64_t end, const float* head,
                   float residual, float threshold, uint32_t* hits) {
  constexpr int kParts = 16 / kLanes;
  const Vector least = all(threshold);
  for (; block < end; ++block) {
    const float* dimension = heads + block * 16 * Kernels::kHead;
    uint32_t found = 0;
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      Vector even = at(residuals + block * 16, part) * residual, odd = {};
#pragma GCC unroll 16
      for (int j = 0; j < Kernels::kHead; j += 2) {
        even += at(dimension + j * 16, part) * head[j];
        odd += at(dimension + (j + 1) * 16, part) * head[j + 1];
      }
      found |= at_least(even + odd, least) << (part * kLanes);
    }
    if (found != 0) {
      *hits = found;
      return block;
    }
  }
  return end;
}

#include "models/eigen_kernel_body.h"

constexpr Kernels make_kernels(const char* name, unsigned length) {
  return {.accumulate = accumulate_for,
          .gather = gather,
          .gather_squares = gather_squares,
          .gramian = gramian,
          .rotate = rotate,
          .add_squares = add_squares,
          .pcg_begin = pcg_begin,
          .pcg_step = pcg_step,
          .pcg_last = pcg_last,
          .symmetric_eigen = symmetric_eigen_rows,
          .dot = dot,
          .scores = scores,
          .scan_heads = scan_heads,
          .name = {name, length}};
}
