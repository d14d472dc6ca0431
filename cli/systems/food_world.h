// Two weeks of a city's food deliveries, in the order in which they were ordered: what happened, before it is written down anywhere.
// Some restaurants fail often, and on one evening most do. The same seed gives the same deliveries. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/ids.h"
#include "core/random.h"

namespace penstock::cli {

struct Delivery {
  uint64_t id = 0;
  uint64_t restaurant = 0;
  uint64_t consumer = 0;
  uint64_t driver = 0;
  bool asap = true;
  bool is_new = false;
  int64_t total = 0, tip = 0, refund = 0;    // cents
  int64_t ordered = 0, ended = 0, paid = 0;  // microseconds since kBegin
  const char* status = "DELIVERED";
  bool late = false;
  bool no_trip = false;
};

class FoodWorld {
 public:
  static constexpr int64_t kSecond = 1'000'000;
  static constexpr int64_t kHour = 3600 * kSecond;
  static constexpr int64_t kDay = 24 * kHour;
  static constexpr int64_t kDays = 14;
  static constexpr Timestamp kBegin{1'772'409'600'000'000};        // 2026-03-02T00:00:00Z
  static constexpr int64_t kComplete = kDays * kDay - 36 * kHour;  // orders from here on miss nothing
  static constexpr std::array kRegions = {"north", "centre", "south"};

  /// So many deliveries.
  FoodWorld(uint64_t deliveries, uint64_t seed);
  /// Requires: fewer than `deliveries` were taken.
  Delivery next();
  /// How often each restaurant fails, by its number.
  const std::vector<double>& fails() const { return fails_; }

 private:
  int64_t order_time();
  int64_t minutes(int64_t from, int64_t to);
  void fail(Delivery& delivery);

  Random random_;
  uint64_t drivers_;
  std::vector<double> fails_;
  std::vector<int64_t> times_;  // of orders, ascending
  std::vector<bool> known_;     // consumers that have ordered
  uint64_t taken_ = 0;
};

}  // namespace penstock::cli
