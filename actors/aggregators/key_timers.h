// When each key of an aggregator is to be looked at again: when its session is due, its record is to be sent again, its
// memory of what it has seen may go. Times are numbers on one axis that the owner chooses: event time, or the clock.
//
// Keys in memory have their timer here, by slot (resident_keys.h). A key that is left to the table alone leaves its timer in
// the same table, in order of time; so nothing is lost of it, and it costs no memory. Such an entry may outlive its reason
// (the key came back, its time moved): it is only a reason to look.
//
//   table key := 0xfe time:u64 (big-endian, sign bit flipped) key        value: empty
//
// Every call is made by one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/aggregators/stored_keys.h"

namespace penstock {

class KeyTimers {
 public:
  static constexpr size_t kBytesASlot = 32;
  static bool is_key(std::string_view table_key) { return table_key.starts_with('\xfe'); }

  /// The slot's timer from now on; nothing: none.
  void set(uint32_t slot, std::optional<int64_t> due);
  /// The slots that are due at `now`, in no order. Each is to be set() anew.
  std::vector<uint32_t> take_due(int64_t now);

  /// Begins with what the table has. Errors: of the store.
  Status open(const StoredKeys& stored);
  /// The key is in the table alone from this epoch on, and due then; `changes` are the epoch's.
  void leave(std::string_view key, int64_t due, Delta& changes);
  /// The same for a key that was in the table alone at the start. Errors: of the store.
  Status leave_at_start(std::string_view key, int64_t due, const StoredKeys& stored);
  /// Keys with a timer in the table that is due at `now`; the timers go with this epoch. Errors: of the store.
  Result<std::vector<std::string>> take_due_keys(int64_t now, const StoredKeys& stored);
  /// Adds what has changed to the epoch's changes. Called before leave() in that epoch.
  void append_changes(Delta& changes);
  void end_epoch() { ++epoch_; }
  /// So many epochs are committed.
  void committed(uint64_t epochs);

  /// The earliest time for which there may be a timer.
  std::optional<int64_t> next() const;

 private:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  struct Left {  // a timer whose entry is not committed yet
    uint64_t epoch;
    int64_t due;
    std::string key;
  };
  void enqueue(uint32_t slot, int64_t due);

  std::vector<int64_t> due_;                         // by slot
  std::vector<int64_t> queued_;                      // by slot: when it stands in the queue; never later than due_
  std::vector<std::pair<int64_t, uint32_t>> queue_;  // a heap, the earliest first; entries other than queued_ are void
  int64_t next_stored_ = kNever;                     // no entry of the table is earlier
  std::deque<Left> left_;
  Delta changes_;  // of the table, in this epoch
  uint64_t epoch_ = 1;
};

}  // namespace penstock
