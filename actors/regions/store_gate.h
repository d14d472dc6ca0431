// Holds a worker's commit back while the store takes nothing at all, so that the worker stays as it is, and what it shows can
// be read, instead of failing again and again. Of one actor.
#pragma once

#include <optional>
#include <utility>

#include "core/units.h"
#include "storage/store.h"

namespace penstock {

class StoreGate {
 public:
  static constexpr Duration kLookAgain{500'000};
  static constexpr uint64_t kTick = ~uint64_t{0};  // number of the tick that should bring the next look

  explicit StoreGate(const Store& store) : store_(store) {}

  void hold(WriteBatch write) { write_ = std::move(write); }
  /// Why the store takes nothing; ok where it does, or where only intake is stopped (resource_exhausted).
  Status closed() const {
    Status health = store_.health();
    return health.code() == Code::kResourceExhausted ? ok() : health;
  }
  /// What was held. Requires: there is something.
  WriteBatch release() { return *std::exchange(write_, std::nullopt); }
  bool holds() const { return write_.has_value(); }

 private:
  const Store& store_;
  std::optional<WriteBatch> write_;
};

}  // namespace penstock
