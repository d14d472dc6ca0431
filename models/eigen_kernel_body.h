// Eigenvalues and eigenvectors of a symmetric matrix, written once over a vector type; included behind kernels_vector.h,
// under the rules of kernels_body.h. Householder reflections to tridiagonal form, then implicit QL; everything on rows, so
// that all inner loops are over contiguous vectors.
// Source: Wilkinson and Reinsch, "Handbook for Automatic Computation", II: tred2 and tql2.

// row[j0...] · v[j0...] of four rows, the last ones repeated.
inline Vector eigen_dots(const float* matrix, int width, int row, int rows, int begin, int end, const float* v) {
  const float* of[4];
  for (int k = 0; k < 4; ++k)
    of[k] = matrix + static_cast<int64_t>(row + k < rows ? row + k : rows - 1) * width;
  Vector a = {}, b = {}, c = {}, d = {};
  for (int j = begin; j < end; ++j) {
    const Vector vj = at(v, j);
    a += at(of[0], j) * vj;
    b += at(of[1], j) * vj;
    c += at(of[2], j) * vj;
    d += at(of[3], j) * vj;
  }
  return reduce(a, b, c, d);
}

// The squared length below which what stands beside the diagonal counts as zero, with the largest number from 1 to 2: far
// below what single precision can tell, far above where 1 / |v|² is too large for it.
constexpr float kEigenNothing = 1e-30f;

// Brings the largest number to between 1 and 2 by a power of two, which changes no other bit; returns what undoes it. The
// squares of small or large numbers as they come would leave the range of single precision.
double eigen_scale(float* matrix, int size, int width) {
  float most = 0;
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      const float number = __builtin_fabsf(matrix[static_cast<int64_t>(i) * width + j]);
      most = number > most ? number : most;
    }
  }
  if (!(most > 0))
    return 1;
  const int exponent = __builtin_ilogbf(most);
  const float scale = __builtin_ldexpf(1, exponent < -126 ? 126 : -exponent);
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < width / kLanes; ++j)
      at(matrix + static_cast<int64_t>(i) * width, j) *= scale;
  }
  return 1 / static_cast<double>(scale);
}

// A becomes Qᵀ of A = Q T Qᵀ; T has `diagonal` and, from its element 1 on, `side`.
void eigen_tridiagonal(float* matrix, int size, int width, double* diagonal, double* side) {
  alignas(64) float v[kMaxWidth], w[kMaxWidth];
  float scales[kMaxWidth];
  const int end = (size + kLanes - 1) / kLanes;
  for (int k = 0; k + 2 < size; ++k) {
    float* row = matrix + static_cast<int64_t>(k) * width;
    const int begin = (k + 1) / kLanes;
    for (int j = begin * kLanes; j < end * kLanes; ++j)
      v[j] = j > k && j < size ? row[j] : 0.0f;
    diagonal[k] = row[k];
    const float squares = dot_of(v + begin * kLanes, v + begin * kLanes, end - begin);
    const float norm = squares > kEigenNothing ? __builtin_sqrtf(squares) : 0;
    const float alpha = v[k + 1] > 0 ? -norm : norm;
    side[k + 1] = alpha;
    const float tau = norm > 0 ? 1 / (norm * norm - alpha * v[k + 1]) : 0;  // 2 / |v|²
    v[k + 1] -= alpha;
    scales[k] = tau;
    // p = τ A v,  w = p − ½ τ (p·v) v,  A −= v wᵀ + w vᵀ
    for (int j = begin * kLanes; j < end * kLanes; ++j)
      w[j] = 0;
    for (int i = k + 1; i < size; i += 4) {
      const Vector dots = eigen_dots(matrix, width, i, size, begin, end, v);
      for (int l = 0; l < 4 && i + l < size; ++l)
        w[i + l] = tau * dots[l];
    }
    const float along = 0.5f * tau * dot_of(w + begin * kLanes, v + begin * kLanes, end - begin);
    for (int j = begin; j < end; ++j)
      at(w, j) -= at(v, j) * along;
    for (int i = k + 1; i < size; ++i) {
      float* of = matrix + static_cast<int64_t>(i) * width;
      const float vi = v[i], wi = w[i];
      for (int j = begin; j < end; ++j)
        at(of, j) -= at(w, j) * vi + at(v, j) * wi;
    }
    for (int j = k + 1; j < size; ++j)
      row[j] = v[j];
  }
  for (int k = size < 2 ? 0 : size - 2; k < size; ++k)
    diagonal[k] = matrix[static_cast<int64_t>(k) * width + k];
  if (size > 1)
    side[size - 1] = matrix[static_cast<int64_t>(size - 1) * width + size - 2];
  // Qᵀ from the last reflection to the first, each of which only touches rows below its own.
  for (int k = size - 1; k >= 0; --k) {
    float* row = matrix + static_cast<int64_t>(k) * width;
    const int begin = (k + 1) / kLanes;
    if (k + 2 < size) {
      for (int j = begin * kLanes; j < end * kLanes; ++j)
        v[j] = j > k && j < size ? row[j] : 0.0f;
      for (int i = k + 1; i < size; i += 4) {
        const Vector dots = eigen_dots(matrix, width, i, size, begin, end, v);
        for (int l = 0; l < 4 && i + l < size; ++l) {
          float* of = matrix + static_cast<int64_t>(i + l) * width;
          const float s = scales[k] * dots[l];
          for (int j = begin; j < end; ++j)
            at(of, j) -= at(v, j) * s;
        }
      }
    }
    for (int j = 0; j < end * kLanes; ++j)
      row[j] = j == k ? 1.0f : 0.0f;
    for (int i = k + 1; i < size; ++i)
      matrix[static_cast<int64_t>(i) * width + k] = 0;
  }
}

// Rows first to last + 1: the rotations of (i, i + 1), i from last down to first, a few columns at a time.
void eigen_rotate_rows(float* matrix, int size, int width, int first, int last, const float* cosines,
                       const float* sines) {
  constexpr int kColumns = 4;
  const int vectors = (size + kLanes - 1) / kLanes;
  for (int left = 0; left < vectors; left += kColumns) {
    const int columns = vectors - left < kColumns ? vectors - left : kColumns;
    Vector lower[kColumns] = {};
    float* row = matrix + static_cast<int64_t>(last + 1) * width + left * kLanes;
    for (int j = 0; j < columns; ++j)
      lower[j] = at(row, j);
    for (int i = last; i >= first; --i, row -= width) {
      const float* upper = row - width;
      const Vector c = all(cosines[i]), s = all(sines[i]);
      if (columns == kColumns) {
#pragma GCC unroll 4
        for (int j = 0; j < kColumns; ++j) {
          const Vector u = at(upper, j);
          at(row, j) = s * u + c * lower[j];
          lower[j] = c * u - s * lower[j];
        }
      } else {
        for (int j = 0; j < columns; ++j) {
          const Vector u = at(upper, j);
          at(row, j) = s * u + c * lower[j];
          lower[j] = c * u - s * lower[j];
        }
      }
    }
    for (int j = 0; j < columns; ++j)
      at(row, j) = lower[j];
  }
}

bool symmetric_eigen_rows(float* matrix, int size, int width, double* values) {
  constexpr int kMostSweeps = 60;
  double side[kMaxWidth + 1];
  float cosines[kMaxWidth], sines[kMaxWidth];
  const double unit = eigen_scale(matrix, size, width);
  eigen_tridiagonal(matrix, size, width, values, side);
  for (int i = 1; i < size; ++i)
    side[i - 1] = side[i];
  side[size - 1] = 0;
  for (int l = 0; l < size; ++l) {
    for (int sweep = 0;; ++sweep) {
      int m = l;
      for (; m + 1 < size; ++m) {
        const double around = __builtin_fabs(values[m]) + __builtin_fabs(values[m + 1]);
        if (!(__builtin_fabs(side[m]) > 1e-9 * around))  // far below what single precision vectors can tell
          break;
      }
      if (m == l)
        break;
      if (sweep == kMostSweeps)
        return false;
      double g = (values[l + 1] - values[l]) / (2 * side[l]);
      double r = __builtin_sqrt(g * g + 1);
      g = values[m] - values[l] + side[l] / (g + (g < 0 ? -r : r));
      double s = 1, c = 1, p = 0;
      int i = m - 1;
      for (; i >= l; --i) {
        const double f = s * side[i], b = c * side[i];
        r = __builtin_sqrt(f * f + g * g);
        side[i + 1] = r;
        if (r == 0) {
          values[i + 1] -= p;
          side[m] = 0;
          break;
        }
        const double inverse = 1 / r;
        s = f * inverse;
        c = g * inverse;
        g = values[i + 1] - p;
        r = (values[i] - g) * s + 2 * c * b;
        p = s * r;
        values[i + 1] = g + p;
        g = c * r - b;
        cosines[i] = static_cast<float>(c);
        sines[i] = static_cast<float>(s);
      }
      if (i + 1 <= m - 1)
        eigen_rotate_rows(matrix, size, width, i + 1, m - 1, cosines, sines);
      if (i >= l)
        continue;
      values[l] -= p;
      side[l] = g;
      side[m] = 0;
    }
  }
  for (int i = 0; i < size; ++i)
    values[i] *= unit;
  return true;
}
