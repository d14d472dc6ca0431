// When a region without input is to end an epoch all the same, so that its workers see how late it is: while one of them
// waits for the time (Aggregator::waits_for_time), and then not all the time. A plain value.
#pragma once

#include <cstdint>

#include "actors/regions/epoch_ledger.h"
#include "core/units.h"

namespace penstock {

class IdleTime {
 public:
  static constexpr Duration kStep{250'000};

  /// `waits`: whether a worker may wait before any has said so.
  explicit IdleTime(bool waits) : waits_(waits) {}

  /// Parts of several epochs may come in any order: the latest epoch counts.
  void on_part(const EpochPart& part) {
    if (part.epoch < said_in_)
      return;
    waits_ = (part.epoch == said_in_ && waits_) || part.waits_for_time;
    said_in_ = part.epoch;
  }
  void epoch_ended(int64_t now_nanos) { ended_nanos_ = now_nanos; }
  bool waits() const { return waits_; }
  bool is_due(int64_t now_nanos) const { return waits_ && now_nanos - ended_nanos_ >= kStep.micros * 1000; }

 private:
  bool waits_;
  Epoch said_in_;
  int64_t ended_nanos_ = 0;
};

}  // namespace penstock
