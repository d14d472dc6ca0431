#include "models/packed_kernels.h"

#include <catch2/catch.hpp>

#include <bit>

#include "core/random.h"
#include "models/factors.h"

namespace penstock {
namespace {

// To the nearest number of 8 bits of precision, ties to even.
float bfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return std::bit_cast<float>((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000u);
}

Factors random_factors(int64_t rows, int factors, uint64_t seed) {
  Random random(seed);
  Factors out(rows, factors);
  for (int64_t row = 0; row < rows; ++row) {
    for (int j = 0; j < factors; ++j)
      out.row(row)[j] = static_cast<float>(random.uniform() - 0.5);
  }
  return out;
}

AlignedFloats packed(const PackedKernels& kernel, const Factors& rows, const float* scales) {
  AlignedFloats out(static_cast<size_t>(rows.rows) * packed_width(rows.width));
  kernel.pack(rows.row(0), rows.rows, rows.width, scales, reinterpret_cast<uint32_t*>(out.data()));
  return out;
}

const uint32_t* words(const AlignedFloats& rows) { return reinterpret_cast<const uint32_t*>(rows.data()); }

}  // namespace

TEST_CASE("every instruction set sums over packed rows as a plain loop over rounded ones") {
  for (const PackedKernels* kernel : runnable_packed_kernels()) {
    for (const int factors : {1, 16, 17, 33, 48, 64, 80, 100, 128, 144, 300}) {
      const Factors y = random_factors(50, factors, 3);
      const Factors x = random_factors(1, factors, 4);
      std::vector<float> scales(50);
      for (size_t row = 0; row < scales.size(); ++row)
        scales[row] = 0.5f + 0.25f * static_cast<float>(row % 4);
      const AlignedFloats rows = packed(*kernel, y, nullptr), scaled = packed(*kernel, y, scales.data());
      // x may be rounded, too: then products are off by up to its 8 bits.
      const double margin = kernel->name == "avx512_bf16" ? 5e-3 * std::sqrt(factors) : 1e-4;
      for (const int64_t entries : {0, 1, 3, 4, 5, 19, 40}) {
        for (const bool weighted : {false, true}) {
          CAPTURE(kernel->name, factors, entries, weighted);
          Random random(5);
          std::vector<int32_t> indices;
          std::vector<float> confidences;
          for (int64_t e = 0; e < entries; ++e) {
            indices.push_back(static_cast<int32_t>(random.below(50)));
            confidences.push_back(weighted ? static_cast<float>(random.uniform() * 3) : 1.0f);
          }
          const float* c = weighted ? confidences.data() : nullptr;
          AlignedFloats out(y.width), gathered(y.width);
          for (size_t j = 0; j < out.size(); ++j)
            out[j] = static_cast<float>(j);
          const float squares = kernel->accumulate(y.width)(words(rows), y.width, indices.data(), c, entries, x.row(0),
                                                            0.5f, -2.0f, out.data());
          const float curvature = kernel->squares(y.width)(words(rows), y.width, indices.data(), c, entries, x.row(0));
          kernel->gather(words(scaled), y.width, indices.data(), c, entries, 3.0f, gathered.data());
          std::vector<double> sums(y.width), sums_scaled(y.width);
          double of_squares = 0, of_curvature = 0;
          for (int64_t e = 0; e < entries; ++e) {
            const float* row = y.row(indices[e]);
            double s = 0;
            for (int j = 0; j < y.width; ++j)
              s += static_cast<double>(bfloat16(row[j])) * x.row(0)[j];
            const double t = 0.5 - 2 * s;
            of_squares += confidences[e] * t * t;
            of_curvature += confidences[e] * s * s;
            for (int j = 0; j < y.width; ++j) {
              sums[j] += confidences[e] * t * bfloat16(row[j]);
              sums_scaled[j] += 3.0 * confidences[e] * bfloat16(row[j] * scales[indices[e]]);
            }
          }
          REQUIRE(squares == Approx(of_squares).margin(margin * static_cast<double>(entries)).epsilon(1e-4));
          REQUIRE(curvature == Approx(of_curvature).margin(margin * static_cast<double>(entries)).epsilon(1e-4));
          for (int j = 0; j < y.width; ++j) {
            REQUIRE(out[j] == Approx(j + sums[j]).margin(margin * static_cast<double>(entries) + 1e-4));
            REQUIRE(gathered[j] == Approx(sums_scaled[j]).margin(1e-4));
          }
        }
      }
    }
  }
}

TEST_CASE("rows are packed alike by every instruction set") {
  for (const int factors : {1, 16, 33, 48, 100}) {
    const Factors y = random_factors(9, factors, 8);
    const AlignedFloats first = packed(*runnable_packed_kernels().front(), y, nullptr);
    for (const PackedKernels* kernel : runnable_packed_kernels()) {
      const AlignedFloats rows = packed(*kernel, y, nullptr);
      CHECK(std::equal(words(rows), words(rows) + rows.size(), words(first)));
    }
    const uint32_t* last = words(first) + 8 * packed_width(y.width);
    CHECK(std::bit_cast<float>(last[0] << 16) == bfloat16(y.row(8)[0]));
    CHECK(std::bit_cast<float>(last[0] & 0xFFFF0000u) == (factors > 16 ? bfloat16(y.row(8)[16]) : 0));
  }
}

}  // namespace penstock
