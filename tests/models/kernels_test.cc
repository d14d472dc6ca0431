#include "models/kernels.h"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>

#include "core/random.h"
#include "models/factors.h"

namespace penstock {
namespace {

Factors random_factors(int64_t rows, int factors, uint64_t seed) {
  Random random(seed);
  Factors out(rows, factors);
  for (int64_t row = 0; row < rows; ++row) {
    for (int j = 0; j < factors; ++j)
      out.row(row)[j] = static_cast<float>(random.uniform() - 0.5);
  }
  return out;
}

double plain_dot(const float* a, const float* b, int width) {
  double sum = 0;
  for (int j = 0; j < width; ++j)
    sum += static_cast<double>(a[j]) * b[j];
  return sum;
}

const std::vector<int> kWidths = {1, 16, 17, 33, 48, 64, 80, 100, 128, 144, 300};

}  // namespace

TEST_CASE("every instruction set finds the same sums over entries as a plain loop") {
  for (const Kernels* kernel : runnable_kernels()) {
    for (const int factors : kWidths) {
      CAPTURE(kernel->name, factors);
      const Factors y = random_factors(50, factors, 3);
      const Factors x = random_factors(1, factors, 4);
      for (const int64_t entries : {0, 1, 2, 3, 4, 5, 19}) {
        for (const bool weighted : {false, true}) {
          std::vector<int32_t> indices;
          std::vector<float> confidences, scales(50);
          Random random(5);
          for (float& scale : scales)
            scale = static_cast<float>(random.uniform());
          for (int64_t e = 0; e < entries; ++e) {
            indices.push_back(static_cast<int32_t>(random.below(50)));
            confidences.push_back(weighted ? static_cast<float>(random.uniform() * 3) : 1.0f);
          }
          const float* c = weighted ? confidences.data() : nullptr;
          AlignedFloats out(y.width), gathered(y.width), b(y.width), squares(y.width);
          for (size_t j = 0; j < out.size(); ++j)
            out[j] = static_cast<float>(j);
          kernel->accumulate(y.width)(y.values.data(), y.width, indices.data(), c, entries, x.row(0), 0.5f, -2.0f,
                                      out.data());
          kernel->gather(y.values.data(), y.width, indices.data(), c, entries, scales.data(), 3.0f, gathered.data());
          kernel->gather_squares(y.values.data(), y.width, indices.data(), c, entries, b.data(), squares.data());
          for (int j = 0; j < y.width; ++j) {
            double sum = j, scaled = 0, linear = 0, square = 0;
            for (int64_t e = 0; e < entries; ++e) {
              const float* row = y.row(indices[e]);
              sum += confidences[e] * (0.5 - 2 * plain_dot(row, x.row(0), y.width)) * row[j];
              scaled += 3.0 * confidences[e] * scales[indices[e]] * row[j];
              linear += static_cast<double>(confidences[e]) * row[j];
              square += static_cast<double>(confidences[e]) * row[j] * row[j];
            }
            REQUIRE(out[j] == Approx(sum).margin(1e-4));
            REQUIRE(gathered[j] == Approx(scaled).margin(1e-5));
            REQUIRE(b[j] == Approx(linear).margin(1e-5));
            REQUIRE(squares[j] == Approx(square).margin(1e-5));
          }
        }
      }
    }
  }
}

TEST_CASE("every instruction set multiplies rows and sums their products as a plain loop") {
  for (const Kernels* kernel : runnable_kernels()) {
    for (const int factors : kWidths) {
      CAPTURE(kernel->name, factors);
      const Factors before = random_factors(21, factors, 6);
      const int width = before.width;
      AlignedFloats gram(static_cast<size_t>(width) * width);
      kernel->gramian(before.row(0), before.rows, width, gram.data());
      const Factors matrix = random_factors(width, factors, 7);
      Factors after = random_factors(21, factors, 6);
      kernel->rotate(after.row(0), after.rows, width, matrix.values.data());
      AlignedFloats scores(before.rows);
      kernel->scores(before.row(0), before.rows, width, before.row(2), scores.data());
      for (int64_t row = 0; row < before.rows; ++row) {
        REQUIRE(scores[row] == Approx(plain_dot(before.row(row), before.row(2), width)).margin(1e-5));
        const float alone = kernel->dot(before.row(row), before.row(2), width);
        REQUIRE(std::bit_cast<uint32_t>(scores[row]) == std::bit_cast<uint32_t>(alone));
        for (int j = 0; j < width; j += 5) {
          double sum = 0;
          for (int k = 0; k < width; ++k)
            sum += static_cast<double>(before.row(row)[k]) * matrix.row(k)[j];
          REQUIRE(after.row(row)[j] == Approx(sum).margin(1e-4));
        }
      }
      for (int i = 0; i < width; i += 3) {
        for (int j = 0; j <= i; j += 2) {
          double sum = 0;
          for (int64_t row = 0; row < before.rows; ++row)
            sum += static_cast<double>(before.row(row)[i]) * before.row(row)[j];
          REQUIRE(gram[static_cast<size_t>(i) * width + j] == Approx(sum).margin(1e-4));
        }
      }
    }
  }
}

TEST_CASE("every instruction set finds the eigenvectors of a symmetric matrix") {
  for (const Kernels* kernel : runnable_kernels()) {
    for (const int size : {1, 2, 3, 7, 16, 33, 100, 128}) {
      for (const int rank : {1, size}) {
        CAPTURE(kernel->name, size, rank);
        const Factors b = random_factors(rank, size, 11);
        const int width = b.width;
        AlignedFloats matrix(static_cast<size_t>(width) * width), vectors(matrix.size());
        for (int i = 0; i < size; ++i) {
          for (int j = 0; j < size; ++j) {
            double sum = 0;
            for (int k = 0; k < rank; ++k)
              sum += static_cast<double>(b.row(k)[i]) * b.row(k)[j] * (k + 1);
            matrix[i * width + j] = vectors[i * width + j] = static_cast<float>(sum);
          }
        }
        std::vector<double> values(size);
        REQUIRE(kernel->symmetric_eigen(vectors.data(), size, width, values.data()));
        const double largest = *std::max_element(values.begin(), values.end());
        for (int k = 0; k < size; ++k) {
          const float* v = vectors.data() + k * width;
          for (int other = 0; other < size; ++other)
            REQUIRE(plain_dot(v, vectors.data() + other * width, width) == Approx(other == k).margin(1e-5));
          for (int i = 0; i < size; ++i)
            REQUIRE(plain_dot(matrix.data() + i * width, v, width) == Approx(values[k] * v[i]).margin(1e-5 * largest));
        }
      }
    }
  }
}

TEST_CASE("every instruction set finds the eigenvectors of matrices near the ends of single precision") {
  const auto cells = [](int size, int width, double scale, double beside, bool graded) {
    const Factors b = random_factors(size, size, 12);
    AlignedFloats matrix(static_cast<size_t>(width) * width);
    for (int i = 0; i < size; ++i) {
      for (int j = 0; j <= i; ++j) {
        const double cell = i == j ? 1 + 1e-3 * i : beside * b.row(i)[j];
        const double grade = graded ? std::pow(10.0, -(i + j)) : 1;
        matrix[i * width + j] = matrix[j * width + i] = static_cast<float>(scale * grade * cell);
      }
    }
    return matrix;
  };
  for (const Kernels* kernel : runnable_kernels()) {
    for (const int size : {1, 2, 3, 8, 33}) {
      for (const double scale : {1e-44, 1e-38, 1e-30, 1e-22, 1.0, 1e20, 1e36}) {
        for (const double beside : {1e-40, 1e-23, 1e-16, 1e-8, 0.3}) {
          for (const bool graded : {false, true}) {
            CAPTURE(kernel->name, size, scale, beside, graded);
            const int width = padded_width(size);
            const AlignedFloats matrix = cells(size, width, scale, beside, graded);
            AlignedFloats vectors = cells(size, width, scale, beside, graded);
            std::vector<double> values(size);
            REQUIRE(kernel->symmetric_eigen(vectors.data(), size, width, values.data()));
            double largest = 0;
            for (const double value : values)
              largest = std::max(largest, std::abs(value));
            for (int k = 0; k < size; ++k) {
              const float* v = vectors.data() + k * width;
              for (int other = 0; other < size; ++other)
                REQUIRE(plain_dot(v, vectors.data() + other * width, width) == Approx(other == k).margin(1e-5));
              for (int i = 0; i < size; ++i)
                REQUIRE(plain_dot(matrix.data() + i * width, v, width) ==
                        Approx(values[k] * v[i]).margin(1e-5 * largest));
            }
          }
        }
      }
    }
  }
}

TEST_CASE("every instruction set solves a row by conjugate gradients") {
  for (const Kernels* kernel : runnable_kernels()) {
    CAPTURE(kernel->name);
    const int width = 48;
    AlignedFloats d(width), m(width), x(width), r(width), p(width), q(width);
    for (int j = 0; j < width; ++j) {
      d[j] = static_cast<float>(1 + j % 7);
      m[j] = 0.1f;
      r[j] = static_cast<float>(j - 20);
    }
    // Without data (D + λ) x = r has its solution in reach of the preconditioner at once.
    const Kernels::Row row{width, d.data(), m.data(), 0.5f, 0, x.data(), r.data(), p.data(), q.data()};
    const Kernels::Begin begin = kernel->pcg_begin(row);
    CHECK(begin.quadratic == 0);
    const float rz = begin.rz;
    const Kernels::Step step = kernel->pcg_step(row, rz);
    CHECK(step.rz < 1e-6f * rz);
    CHECK(step.gain == Approx(rz));
    for (int j = 0; j < width; ++j)
      CHECK(x[j] == Approx((j - 20) / (d[j] + 0.5)).margin(1e-5));
    CHECK(kernel->pcg_step(row, 0).gain == 0);
    CHECK(kernel->pcg_last(row, 0, 1) == 0);
    for (int j = 0; j < width; ++j)
      r[j] = 0;
    // At the solution the residual is −(D + λ) x, the last step along it goes to 0.
    const Kernels::Begin back = kernel->pcg_begin(row);
    CHECK(back.quadratic == Approx(rz));
    CHECK(kernel->pcg_last(row, back.rz, 0) == Approx(rz));
    for (int j = 0; j < width; ++j)
      CHECK(x[j] == Approx(0).margin(1e-5));
  }
}

TEST_CASE("every instruction set finds the blocks whose bound reaches the threshold") {
  for (const Kernels* kernel : runnable_kernels()) {
    CAPTURE(kernel->name);
    const Factors heads = random_factors(12 * 16, 16, 8);  // as [block][dimension][item]
    const Factors x = random_factors(1, 16, 9);
    AlignedFloats residuals(12 * 16);
    for (size_t i = 0; i < residuals.size(); ++i)
      residuals[i] = static_cast<float>(i % 5) * 0.1f;
    for (const float threshold : {-10.0f, 0.2f, 0.7f, 10.0f}) {
      std::vector<int64_t> found, wanted;
      uint32_t hits = 0;
      for (int64_t block = 0;; ++block) {
        block = kernel->scan_heads(heads.values.data(), residuals.data(), block, 12, x.row(0), 0.5f, threshold, &hits);
        if (block == 12)
          break;
        for (int item = 0; item < 16; ++item) {
          if (hits >> item & 1)
            found.push_back(block * 16 + item);
        }
      }
      for (int64_t place = 0; place < 12 * 16; ++place) {
        double bound = 0.5 * residuals[place];
        for (int j = 0; j < 16; ++j)
          bound += static_cast<double>(heads.values[place / 16 * 256 + j * 16 + place % 16]) * x.row(0)[j];
        if (bound >= threshold)
          wanted.push_back(place);
      }
      CHECK(found == wanted);
    }
  }
}

}  // namespace penstock
