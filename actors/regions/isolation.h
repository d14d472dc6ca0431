// Finds the record that makes its consumer fail, when the same input fails again and again: which slice of a log to try
// next, and when a single record is to be set aside. Works across deaths of the process, because an attempt is written
// down (encode) before it begins and is erased with the commit that ends it: an attempt that is still there at the next
// start has failed. Plain values; shared by regions and sinks.
//
// The search is a bisection: a slice that failed is tried by halves; the half that fails is halved again. A record that is
// set aside is followed by small slices that grow, since such records often come together. When record after record
// fails with none between that passes, the records are not to blame: nothing more is set aside, and the consumer goes on
// trying the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/status.h"

namespace penstock {

/// The table with the attempts under way, by the name of the region or sink.
inline constexpr const char* kAttempts = "attempts";

struct IsolationLimits {
  uint32_t failures = 2;          // of the same input before the search begins
  uint32_t single_failures = 2;   // of one record alone before it is set aside
  uint32_t set_aside_in_row = 8;  // records set aside one after the other, none passing between
  uint64_t slice = 65'536;        // records of the first try
};

class Isolation {
 public:
  struct Slice {
    std::string log;
    Partition partition;
    Offset first;
    uint64_t records = 0;   // to try
    uint64_t suspects = 0;  // from `first` on, one of which fails; at least `records`
  };
  enum class Next {
    kNormal,    // no search: read as usual
    kTry,       // a search: try slice(), or choose one if there is none
    kSetAside,  // the one record of slice() is to be set aside
  };

  explicit Isolation(IsolationLimits limits) : limits_(limits) {}
  /// What the last life left behind. Errors: data_loss.
  Status restore(std::string_view encoded);
  std::string encode() const;

  /// An attempt begins; encode() is made durable before any record is handed on.
  void begin() { ++tries_; }
  /// The last attempt failed for a reason that has nothing to do with records (the store refused, it was told to stop).
  void excuse() { tries_ -= tries_ > 0 ? 1 : 0; }
  /// Attempts that have begun and not succeeded failed. Called at a start, and where a consumer goes on after a failure.
  void judge();
  /// The consumer said for certain that it will never take these records: no further tries of the same.
  void refuse();

  Next next() const;
  bool searching() const { return searching_; }
  /// The records are not to blame; nothing is set aside any more.
  bool given_up() const { return in_row_ >= limits_.set_aside_in_row; }
  const std::optional<Slice>& slice() const { return slice_; }

  /// Begins to search at this place. Requires: searching, no slice, pending > 0.
  void choose(const std::string& log, Partition partition, Offset first, uint64_t pending);
  /// The slice passed. `pending`: records in the partition behind it. Afterwards slice() is what is to be tried next
  /// there, or nothing if no record there is suspected any more.
  void passed(uint64_t pending);
  /// The record was set aside.
  void set_aside(uint64_t pending);
  /// Nothing is suspected any more: normal again.
  void end();
  /// Forgets the slice (its records are not there any more).
  void drop_slice() { slice_.reset(); }

 private:
  void advance(uint64_t records, uint64_t pending);

  IsolationLimits limits_;
  bool searching_ = false;
  uint32_t tries_ = 0;   // attempts begun on the same input
  uint32_t in_row_ = 0;  // records set aside since one passed
  uint64_t grow_ = 0;    // size of the next slice after a record was set aside; 0: none was
  bool certain_ = false;
  std::optional<Slice> slice_;
};

}  // namespace penstock
