// What a node does for its store beside using it: retention, at once and often while the store is full, and telling
// monitoring when it becomes read-only and when that has passed. One thread.
#pragma once

#include "core/clock.h"
#include "core/status.h"
#include "core/units.h"
#include "monitoring/event.h"
#include "storage/store.h"

namespace penstock {

class StoreKeeper {
 public:
  /// All outlive it. `retain_every`: the pause between two runs of retention.
  StoreKeeper(Store& store, const Clock& clock, monitoring::Monitor& monitor, Duration retain_every = {60'000'000})
      : store_(store), clock_(clock), monitor_(monitor), retain_every_(retain_every) {}

  /// Called every moment (a fifth of a second, say); does what is due.
  void look();

 private:
  Store& store_;
  const Clock& clock_;
  monitoring::Monitor& monitor_;
  const Duration retain_every_;
  Status health_;  // as last told
  int64_t retained_nanos_ = 0;
  bool retention_fails_ = false;
};

}  // namespace penstock
