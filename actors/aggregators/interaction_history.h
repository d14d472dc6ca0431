// The History (history.h) of one model, in memory: for each user the items and summed weights, for each item its users.
// Threads and life as in aggregator.h.
//
// Cost: 8 bytes a user and item, 4 bytes an item and user; finding the item of an event scans the user's items.
//
//   table key   := the user's id as text
//   table value := version:u8 (1)  newest:i64 (µs)  items:u32  item*
//   item        := weight:f32  size:u32 id
// Numbers are little-endian; items are in the order of the user's first contact.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/aggregators/history.h"
#include "actors/aggregators/interaction_reader.h"
#include "actors/aggregators/key_index.h"

namespace penstock {

class InteractionHistory final : public History {
 public:
  explicit InteractionHistory(InteractionReader reader) : reader_(std::move(reader)), ids_(std::make_shared<IdMap>()) {}

  Status process(const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override;
  Status end_epoch(StageOutput& out) override;
  /// One text, the user's id; the row is user, items, newest.
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override;
  Result<BatchPtr> read_all(size_t limit) const override;
  size_t keys() const override;
  size_t memory() const override;

  std::optional<UserHistory> user(std::string_view id) const override;
  std::vector<PopularItem> popular(size_t n) const override;
  std::vector<std::pair<std::string, float>> fans(uint32_t item, size_t limit) const override;
  std::shared_ptr<const IdMap> ids() const override { return ids_; }

 private:
  static constexpr char kVersion = 1;
  struct User {
    std::vector<uint32_t> items;
    std::vector<float> weights;  // one for each of items
    Timestamp newest;
    bool changed = false;
  };
  struct Item {
    std::vector<uint32_t> users;
    double weight = 0;
  };

  // Requires of each: the lock is held.
  User& user_of(std::string_view id, uint32_t& number);
  void add(uint32_t user_number, User& user, uint32_t item, float weight);
  void append_row(uint32_t number, BatchBuilder& builder) const;
  std::string encode(const User& user) const;

  InteractionReader reader_;
  std::shared_ptr<IdMap> ids_;
  mutable std::shared_mutex mutex_;
  KeyIndex index_;  // user id → number
  std::vector<User> users_;
  std::vector<Item> items_;
  std::vector<uint32_t> changed_;
  uint64_t changes_ = 0;  // batches taken in
  size_t pairs_ = 0;      // of user and item

  // The ranking of popular(), made again when it is asked for after a change.
  mutable std::mutex ranking_mutex_;
  mutable std::vector<PopularItem> ranking_;
  mutable uint64_t ranking_changes_ = ~0ULL;
};

}  // namespace penstock
