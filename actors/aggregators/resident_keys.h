// Which keys of an aggregator's table are in memory, each in a numbered slot, and which of them may leave it: the one
// mechanism by which state outgrows memory (it spills to the table that is there anyway).
//
// A key may leave when the last epoch that touched it is committed, for then the table says what memory said: exactly,
// whatever crashes when. The keys that were touched longest ago leave first, and so many at a time that the search for
// them costs little. A key that is asked for again comes back from the table.
//
// The owner keeps its state by slot. Every call is made by one thread; `insert` and `erase` under the owner's lock, since
// other threads look keys up under it. Without `open` all keys stay.
//
// Cost beside the owner's state: about 44 bytes a key, and the key.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/aggregators/key_index.h"
#include "actors/aggregators/memory_share.h"
#include "actors/aggregators/stored_keys.h"
#include "topology/property.h"

namespace penstock {

/// The property `memory` of a component whose state spills. `keys`: what its state consists of.
topology::Property memory_property(const std::string& keys);

class ResidentKeys {
 public:
  static constexpr size_t kBytesAKey = 44;

  /// Calls `restore` for the stored keys as long as there is room; the rest stays in the table alone, and is shown to `pass`
  /// if there is such. Keys may be left to the table from now on. Errors: of the store, of the functions.
  using Entry = std::function<Status(std::string_view key, std::string_view value)>;
  Status open(StoredKeys stored, MemoryShare share, const Entry& restore, const Entry& pass = {});

  /// Forgets all keys, and goes over to those of another table, which come when they are asked for. Requires: open() was
  /// called; no slot is touched.
  void reopen(StoredKeys stored);

  const KeyIndex& index() const { return index_; }
  size_t size() const { return index_.size(); }
  /// Slots that the owner needs.
  size_t slots() const { return index_.bound(); }
  /// Whether no key is in the table alone.
  bool complete() const { return complete_; }
  /// Whether open() was called.
  bool is_open() const { return stored_.has_value(); }
  /// Requires: is_open().
  const StoredKeys& stored() const { return *stored_; }
  /// Whether a key that is not in memory can be in the table.
  bool may_be_stored(std::string_view key) const { return !complete_ && stored_->owns(key); }

  /// The key's slot; a new key gets one.
  uint32_t insert(std::string_view key, uint64_t hash);
  /// This epoch changes the slot.
  void touch(uint32_t slot) {
    if (touched_at_[slot] == epoch_)
      return;
    touched_at_[slot] = epoch_;
    touched_.push_back(slot);
  }
  /// The epoch that has just ended changed it, at its very end. Requires: end_epoch() was called.
  void touch_late(uint32_t slot) { touched_at_[slot] = epoch_ - 1; }
  /// The epoch that touched the slot last, counted from 1; 0: none since the start.
  uint32_t touched_at(uint32_t slot) const { return touched_at_[slot]; }
  /// The slots that this epoch has touched, in the order of the first touch.
  const std::vector<uint32_t>& touched() const { return touched_; }
  /// Bytes that the owner keeps for the slot.
  void set_bytes(uint32_t slot, size_t bytes);
  /// Bytes that the owner keeps beside all slots, and cannot spill.
  void set_fixed_bytes(size_t bytes) { fixed_bytes_ = bytes; }
  /// What is touched from now on belongs to the next epoch.
  void end_epoch();

  /// So many epochs are committed, counted from the first.
  void committed(uint64_t epochs) { committed_ = static_cast<uint32_t>(epochs); }
  /// Those of the keys that are not in memory but in the table, with their values, in key order. Errors: of the store.
  using Entries = std::vector<std::pair<std::string, std::string>>;
  Result<Entries> fetch_missing(std::vector<std::string_view> keys) const;

  /// Slots that should be erased now, coldest first; none where memory suffices.
  std::vector<uint32_t> to_spill() const;
  /// Requires: the slot came from to_spill().
  void erase(uint32_t slot);
  /// Gives up a key that has no state any more. Requires: that the table has no entry for it is committed.
  void forget(uint32_t slot);
  /// Tells the share what is held.
  void report() const;

  /// What the keys here take, about, with what the owner keeps for them.
  size_t memory() const { return size() * kBytesAKey + key_bytes_ + owner_bytes_ + fixed_bytes_; }

 private:
  size_t bytes_of(uint32_t slot) const { return kBytesAKey + index_.key(slot).size() + bytes_[slot]; }
  bool node_is_full() const;
  bool has_room() const;
  size_t wanted() const;

  KeyIndex index_;
  std::vector<uint32_t> touched_at_;  // by slot: the last epoch that changed it; 0: none since the start
  std::vector<uint32_t> bytes_;       // by slot: the owner's
  std::vector<uint32_t> touched_;
  uint32_t epoch_ = 1;
  uint32_t committed_ = 0;
  size_t key_bytes_ = 0;
  size_t owner_bytes_ = 0;
  size_t fixed_bytes_ = 0;
  std::optional<StoredKeys> stored_;
  MemoryShare share_;
  bool complete_ = true;
};

}  // namespace penstock
