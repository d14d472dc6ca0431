// The items' attributes, how much each attribute says, and which items have it (models/same_attribute.h). Immutable, safe
// for any number of threads; an answer costs the number of items that have the history's attributes.
//
// Stored as (numbers little-endian):
//   snapshot := "PSTKATT" version:u8 = 1, by_weight:u8 users:i64 items:u32 names:u32 (length:u32 bytes)* fans
//               (length:u32 bytes)* weights lengths entries checksum:u64 (XXH64)      item ids, then attribute names
//   fans     := f32 × items        weights := f32 × names        lengths := u32 × items
//   entries  := (name:u32 value:f32)*                            item by item, names ascending
#pragma once

#include <string>
#include <vector>

#include "models/model.h"
#include "models/popular_order.h"

namespace penstock {

struct AttributeState {
  bool by_weight = true;
  int64_t users = 0;
  std::vector<std::string> items;
  std::vector<float> fans;         // by item: users who have it
  std::vector<std::string> names;  // of attributes
  std::vector<float> weights;      // a_f, by attribute
  SparseMatrix attributes;         // items × attributes
};

class AttributeSnapshot final : public ModelSnapshot {
 public:
  explicit AttributeSnapshot(AttributeState state);
  /// Errors: data_loss.
  static Result<ModelSnapshotPtr> load(std::string_view bytes);

  const std::vector<std::string>& items() const override { return state_.items; }
  std::vector<ScoredItem> recommend(const ModelQuery& query) const override;
  std::vector<ScoredItem> similar(int32_t item, size_t n, const ItemSet* allowed) const override;
  std::vector<float> score_all(const ModelQuery& query) const override;
  std::vector<float> score(const ModelQuery& query, std::span<const int32_t> items) const override;
  std::vector<int32_t> because(const ModelQuery& query, int32_t item, size_t n) const override;
  /// A new item's attributes are its features; a name that no item had in training counts as one that one item has.
  ModelSnapshotPtr with_items(std::span<const NewItem> items) const override;
  std::string save() const override;
  size_t memory() const override;

 private:
  bool counts(const ItemWeight& seen) const;
  /// False if the history shares nothing with any item.
  bool sum(std::span<const ItemWeight> history, SparseSums& sums) const;

  AttributeState state_;
  SparseMatrix having_;  // attributes × items
  PopularOrder popular_;
};

}  // namespace penstock
