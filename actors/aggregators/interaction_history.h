// The History (history.h) of one model: for each user the items and summed weights, for each item how many users, their
// summed weight, and some of them. Threads and life as in aggregator.h.
//
// All items are in memory. Users whom memory has no room for are in the table alone (resident_keys.h); an event of such a
// user, or a question about them, fetches them. So an item's fans are those among its newest kFansKept that are in memory.
//
// Cost: 8 bytes a user and item, about 200 bytes an item and 4 for each of its kept fans; finding the item of an event
// scans the user's items.
//
//   table key   := the user's id as text
//   table value := version:u8 (1)  newest:i64 (µs)  items:u32  item*
//   item        := weight:f32  size:u32 id
// Numbers are little-endian; items are in the order of the user's first contact. With a half-life, weights are those at
// the time of the user's newest event: a newer one ages them all, a late one counts as much as it would by now.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/aggregators/history.h"
#include "actors/aggregators/interaction_reader.h"
#include "actors/aggregators/resident_keys.h"

namespace penstock {

class InteractionHistory final : public History {
 public:
  static constexpr size_t kFansKept = 256;  // of an item
  struct User {
    std::vector<uint32_t> items;
    std::vector<float> weights;  // one for each of items
    Timestamp newest;
  };

  explicit InteractionHistory(InteractionReader reader) : reader_(std::move(reader)), ids_(std::make_shared<IdMap>()) {}

  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override;
  Status end_epoch(StageOutput& out) override;
  void committed(uint64_t epochs) override { keys_.committed(epochs); }
  /// One text, the user's id; the row is user, items, newest.
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override;
  Result<BatchPtr> read_all(size_t limit) const override;
  size_t keys() const override;
  size_t memory() const override;

  std::optional<UserHistory> user(std::string_view id) const override;
  std::vector<PopularItem> popular(size_t n) const override;
  std::vector<std::pair<std::string, float>> fans(uint32_t item, size_t limit) const override;
  std::shared_ptr<const IdMap> ids() const override { return ids_; }
  void watch(std::shared_ptr<LiveProbe> probe) override;

 private:
  static constexpr char kVersion = 1;
  struct Item {
    std::vector<uint32_t> fans;  // slots; one that was spilled or given to another user since says nothing
    uint32_t next_fan = 0;       // place in `fans` of the oldest, once there are kFansKept
    uint64_t users = 0;
    double weight = 0;
  };

  std::string encode(const User& user) const;
  Result<User> decode(std::string_view value) const;
  /// The user as the table has them; nothing if they are not in it.
  Result<std::optional<User>> stored(std::string_view id) const;
  Status fetch_missing();
  void spill();
  // Requires of each: the lock is held.
  Item& item(uint32_t number);
  void show(uint32_t slot, const Interaction& seen, Timestamp ingested);
  void add(uint32_t slot, uint32_t item, float given, Timestamp at);
  void age(User& user, Timestamp now);
  void add_fan(Item& item, uint32_t slot);
  void count(const User& user);
  uint32_t hold(std::string_view id, User user);
  void measure(uint32_t slot);
  static void append_row(std::string_view id, const User& user, BatchBuilder& builder);

  InteractionReader reader_;
  std::shared_ptr<IdMap> ids_;
  mutable std::shared_mutex mutex_;
  ResidentKeys keys_;  // a slot is a user
  std::vector<User> users_;
  std::vector<Item> items_;
  std::shared_ptr<LiveProbe> probe_;
  uint64_t changes_ = 0;   // batches taken in
  size_t item_bytes_ = 0;  // of items_ and ids_

  // The ranking of popular(), made again when it is asked for after a change.
  mutable std::mutex ranking_mutex_;
  mutable std::vector<PopularItem> ranking_;
  mutable uint64_t ranking_changes_ = ~0ULL;

  std::vector<Interaction> read_;  // of the batch at hand; kept for its memory
};

}  // namespace penstock
