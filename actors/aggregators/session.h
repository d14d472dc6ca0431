// The sessions of one id, as `sessionize` keeps them: a session is a run of events of which none is `timeout` or more away from
// the next. Whatever order events arrive in, the same sessions come out of them. Plain values.
//
//   sessions := version:u8 (1) count:u32 session*
//   session  := start:i64 last:i64 look_at:i64 closings:u32 closed:u8 count:u32 first* count:u32 list* text
//   first    := at:i64 any:u8 text                  the value as a key (messages/key.h)
//   list     := count:u32 { at:i64 text }*          the values as JSON
//   text     := size:u32 bytes                      a session's last one: its aggregates, as sql::AggregateStates::encode
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/status.h"

namespace penstock {

struct Session {
  /// The value of the earliest event that has one; of several at that time the smallest.
  struct First {
    int64_t at = 0;
    std::optional<std::string> value = {};
    void offer(int64_t time, std::string_view text);
  };
  /// Values in order of time; those of one time in the order of their texts.
  struct List {
    struct Item {
      int64_t at;
      std::string value;
    };
    std::vector<Item> items = {};
    /// `distinct`: a value stands there once, at its latest time. Beyond `limit` the oldest go.
    void add(int64_t time, std::string value, bool distinct, size_t limit);
  };

  int64_t start = 0;
  int64_t last = 0;
  int64_t look_at = 0;    // when it closes; if it is closed, when it is forgotten
  uint32_t closings = 0;  // how often it was closed
  bool closed = false;
  std::vector<First> first = {};
  std::vector<List> lists = {};
  std::string aggregates = {};

  // Not stored.
  bool changed = false;           // since the last epoch's end
  std::optional<uint32_t> group;  // its aggregates' number among those of the batch at hand
};

struct Sessions {
  std::vector<Session> all;  // ascending by start

  bool empty() const { return all.empty(); }
  std::optional<int64_t> due() const;
  size_t memory() const;
  void encode(std::string& out) const;
  static Result<Sessions> decode(std::string_view bytes);

  /// Numbers of the sessions less than `timeout` away from the time.
  std::vector<size_t> near(int64_t time, int64_t timeout) const;
  /// Puts a session in its place; its number.
  size_t insert(Session session);
};

}  // namespace penstock
