// Unsigned integers of 192 bits, modulo 2^192: room for the exact sum of 2^64 squares of int64. Plain values.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace penstock::sql {

struct Wide {
  std::array<uint64_t, 3> limbs{};  // lowest first

  static Wide of(__int128 value) {
    const auto bits = static_cast<unsigned __int128>(value);
    return {{static_cast<uint64_t>(bits), static_cast<uint64_t>(bits >> 64), value < 0 ? ~0ULL : 0}};
  }
  Wide& operator+=(const Wide& other) {
    unsigned __int128 carry = 0;
    for (size_t i = 0; i < limbs.size(); ++i) {
      carry += static_cast<unsigned __int128>(limbs[i]) + other.limbs[i];
      limbs[i] = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
    return *this;
  }
  Wide operator-() const {
    Wide out{{~limbs[0], ~limbs[1], ~limbs[2]}};
    return out += Wide{{1, 0, 0}};
  }
  friend Wide operator*(const Wide& a, const Wide& b) {
    Wide out;
    for (size_t i = 0; i < 3; ++i) {
      unsigned __int128 carry = 0;
      for (size_t j = 0; i + j < 3; ++j) {
        carry += static_cast<unsigned __int128>(a.limbs[i]) * b.limbs[j] + out.limbs[i + j];
        out.limbs[i + j] = static_cast<uint64_t>(carry);
        carry >>= 64;
      }
    }
    return out;
  }
  long double value() const {
    return std::ldexp(static_cast<long double>(limbs[2]), 128) + std::ldexp(static_cast<long double>(limbs[1]), 64) +
           static_cast<long double>(limbs[0]);
  }
  bool operator==(const Wide&) const = default;
};

}  // namespace penstock::sql
