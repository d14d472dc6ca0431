// Durations and sizes as users write them: `50ms 10s 5m 1h 7d`, `64KiB 2GiB`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/status.h"

namespace penstock {

struct Duration {
  int64_t micros = 0;
  constexpr auto operator<=>(const Duration&) const = default;
  constexpr double seconds() const { return static_cast<double>(micros) * 1e-6; }
  constexpr int64_t millis() const { return micros / 1000; }
};

struct Bytes {
  uint64_t count = 0;
  constexpr auto operator<=>(const Bytes&) const = default;
};

/// `0`, or a number (decimals allowed) with one of us ms s m h d. Errors: invalid_argument, naming the units.
Result<Duration> parse_duration(std::string_view text);
/// A number (decimals allowed) with one of B KiB MiB GiB TiB (or KB MB GB TB, powers of 1000). Errors: invalid_argument.
Result<Bytes> parse_bytes(std::string_view text);

/// Shortest exact form: `50ms`, `1h`, `90s`.
std::string to_string(Duration duration);
/// At most one decimal, binary units: `64KiB`, `1.5GiB`.
std::string to_string(Bytes bytes);

}  // namespace penstock
