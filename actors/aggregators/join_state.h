// What a join keeps of one key: rows of the left that wait or are open, and rows of the right: a table's current row or
// versions, or a stream's open rows. Both in order of time. A plain value.
//
//   state := version:u8 (1) side side                       left, right
//   side  := count:u32 { time:i64 until:i64 flag:u8 size:u32 row }*
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"

namespace penstock {

struct JoinRow {
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  int64_t time = 0;        // event time, µs; 0 where the mode knows none
  int64_t until = kNever;  // of a row that waits: when it waits no more, by the clock
  bool flag = false;       // of a stream's row: it has been joined; of a table's version: deleted as of its time
  std::string bytes;       // join_rows.h
};

struct JoinState {
  static constexpr int64_t kNever = JoinRow::kNever;

  std::array<std::vector<JoinRow>, 2> sides;
  // What is registered for it, among all keys' timers.
  int64_t event_due = kNever;
  int64_t clock_due = kNever;
  uint64_t emptied = 0;  // the epoch that left nothing of it

  bool empty() const { return sides[0].empty() && sides[1].empty(); }
  /// Behind those of the same time.
  void insert(size_t side, JoinRow row);
  /// As a version of a table: replaces one of the same time.
  void put_version(JoinRow row);
  /// The newest version as of then, unless the row was deleted; null if there is none.
  const JoinRow* version_at(int64_t time) const;
  /// Forgets versions that nobody asks for who looks back no further than `time`.
  void drop_versions_before(int64_t time);
  /// When the first of the waiting rows waits no more.
  int64_t first_until() const;

  size_t memory() const;
  std::string encode() const;
  /// Errors: data_loss.
  static Result<JoinState> decode(std::string_view bytes);
};

}  // namespace penstock
