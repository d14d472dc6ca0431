// The rows of a sorted view in their order, kept in its table: what sort falls back on when the rows outgrow memory. The
// store is sorted anyway, so it does the sorting on disk. In memory are only the changes of epochs that are not committed
// yet, laid over the table.
//
//   table key   := 0x80 place        value := as the caller gives it       (no key of a view begins with 0x80)
//                | 0x80              value := version:u8 (1)               the table has places
//
// One thread changes it, under the owner's lock; any thread may read.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "actors/aggregators/stored_keys.h"

namespace penstock {

class StoredOrder {
 public:
  /// `epoch`: the one that makes the first changes.
  StoredOrder(StoredKeys stored, uint64_t epoch) : stored_(std::move(stored)), epoch_(epoch) {}
  /// Whether a table has places. Errors: of the store; data_loss.
  static Result<bool> is_in(const StoredKeys& stored);

  void put(std::string place, std::string value);
  void erase(const std::string& place);
  /// Adds what this epoch changed to `changes`. `first`: also that the table has places from now on.
  void end_epoch(bool first, Delta& changes);
  /// All epochs up to this one are committed.
  void committed(uint64_t epoch);

  /// The value of a place that an epoch has put which is not committed. Requires: there is one.
  const std::string& recent(const std::string& place) const { return *recent_.find(place)->second.value; }
  /// All places in order with their values, until `visit` returns false. `owner` is the owner's lock, not held by the
  /// caller; it is taken for a moment. Errors: of the store.
  using Visit = std::function<bool(std::string_view place, std::string_view value)>;
  Status each(std::shared_mutex& owner, const Visit& visit) const;
  size_t memory() const { return bytes_; }

 private:
  struct Change {
    std::optional<std::string> value;  // none: erased
    uint64_t epoch;
  };
  using Changes = std::map<std::string, Change, std::less<>>;
  static size_t bytes_of(const Changes::value_type& change);
  void change(std::string place, std::optional<std::string> value);

  StoredKeys stored_;
  Changes recent_;
  uint64_t epoch_;
  size_t bytes_ = 0;
};

}  // namespace penstock
