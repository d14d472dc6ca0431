// A matrix of factors, row-major: one row of `width` floats for each user or item, the last width − factors of them
// zero.
#pragma once

#include <cstdint>

#include "models/aligned.h"
#include "models/kernels.h"

namespace penstock {

struct Factors {
  Factors() = default;
  Factors(int64_t row_count, int factor_count)
      : rows(row_count),
        factors(factor_count),
        width(padded_width(factor_count)),
        values(static_cast<size_t>(row_count) * padded_width(factor_count)) {}

  float* row(int64_t index) { return values.data() + index * width; }
  const float* row(int64_t index) const { return values.data() + index * width; }

  int64_t rows = 0;
  int factors = 0;
  int width = 0;
  AlignedFloats values;
};

}  // namespace penstock
