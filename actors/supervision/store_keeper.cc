#include "actors/supervision/store_keeper.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr Duration kRetainEveryWhenFull{1'000'000};

}  // namespace

void StoreKeeper::look() {
  const Status health = store_.health();
  if (health.ok() != health_.ok())
    monitor_.emit(monitoring::StoreHealth{health.ok(), health.message()});
  health_ = health;

  const int64_t now = clock_.monotonic_nanos();
  const bool full = !health.ok();
  if (retained_nanos_ == 0)
    retained_nanos_ = now;
  if (now - retained_nanos_ < 1000 * (full ? std::min(kRetainEveryWhenFull, retain_every_) : retain_every_).micros)
    return;
  retained_nanos_ = now;
  const auto dropped = store_.retain(clock_.now());
  if (!dropped.ok() && !retention_fails_)
    monitor_.emit(monitoring::ComponentError{{"store", "store", "lmdb"}, "retention", dropped.status().message()});
  retention_fails_ = !dropped.ok();
}

}  // namespace penstock
