// What a model has learnt that judges an item by the items a user has: a weight for each ordered pair of items, for most
// pairs none. `ease`, `item_knn` and `co_purchase` differ in how they find the weights; they answer alike:
//
//   score(u, i) = sum over the items j of u's history of v(w_uj) W_ji  +  p_i
//
//   v    what a history entry counts: 1, or its weight; an entry whose weight is not positive counts nothing
//   W    items × items, sparse; row j says for which items having j speaks
//   p_i  what nothing speaks for stands in order of popularity (models/popular_order.h)
//
// A user for whom no item of the history has a weight gets nothing. Immutable, safe for any number of threads; an
// answer costs the number of weights in the rows of the history.
//
// Stored as (numbers little-endian):
//   snapshot := magic settings items:u32 users:i64 (length:u32 bytes)* fans scale lengths entries checksum
//   magic    := 8 bytes, of the model, the last one a version
//   settings := count:u8 f32*                      what the rule is made of
//   fans, scale := f32 × items                     users who have the item; a number of the rule's own
//   lengths  := u32 × items                        of the rows of W
//   entries  := (item:u32 weight:f32)*             row by row, items ascending
//   checksum := u64                                XXH64 of all before it
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/model.h"
#include "models/popular_order.h"

namespace penstock {

struct ItemWeights {
  std::vector<std::string> items;
  int64_t users = 0;                         // in training
  std::vector<float> fans;                   // by item: users who have it
  std::vector<float> scale;                  // by item
  std::shared_ptr<const SparseMatrix> rows;  // W of the items that were there in training
  SparseMatrix added = {};                   // further weights from or to items that came later; no rows: none

  /// Calls `take(item, weight)` for what stands in the row, items ascending.
  template <class Take>
  void for_each(int32_t row, const Take& take) const {
    for (const SparseMatrix* matrix : {rows.get(), &added}) {
      if (row >= matrix->rows)
        continue;
      for (int64_t entry = matrix->pointers[row]; entry < matrix->pointers[row + 1]; ++entry)
        take(matrix->indices[entry], matrix->values[entry]);
    }
  }
};

/// How one model reads a history, and what it makes of an item that comes after the training.
class ItemRule {
 public:
  virtual ~ItemRule() = default;
  virtual std::vector<float> settings() const = 0;
  /// v of the weight, which is over 0.
  virtual double count(float weight) const = 0;
  /// How similar the item of a row is to another, from the weight between them.
  virtual double similarity(const ItemWeights& weights, int32_t row, int32_t item, float weight) const;

  struct Link {
    std::vector<ItemWeight> from;  // W from these items to the new one
    std::vector<ItemWeight> to;    // W from the new item to these
    float scale = 0;
  };
  virtual Link link(const ItemWeights& weights, const ModelSnapshot::NewItem& item) const = 0;
};
using ItemRulePtr = std::shared_ptr<const ItemRule>;

class ItemWeightsSnapshot final : public ModelSnapshot {
 public:
  ItemWeightsSnapshot(std::string_view magic, ItemRulePtr rule, ItemWeights weights);
  /// Errors: data_loss.
  static Result<ModelSnapshotPtr> load(std::string_view bytes, std::string_view magic, size_t settings,
                                       ItemRulePtr (*make_rule)(std::span<const float> settings));

  const std::vector<std::string>& items() const override { return weights_.items; }
  std::vector<ScoredItem> recommend(const ModelQuery& query) const override;
  std::vector<ScoredItem> similar(int32_t item, size_t n, const ItemSet* allowed) const override;
  std::vector<float> score_all(const ModelQuery& query) const override;
  std::vector<float> score(const ModelQuery& query, std::span<const int32_t> items) const override;
  std::vector<int32_t> because(const ModelQuery& query, int32_t item, size_t n) const override;
  ModelSnapshotPtr with_items(std::span<const NewItem> items) const override;
  std::string save() const override;
  size_t memory() const override;

 private:
  /// False if nothing speaks for anything.
  bool sum(const ModelQuery& query, SparseSums& sums) const;

  std::string_view magic_;
  ItemRulePtr rule_;
  ItemWeights weights_;
  PopularOrder popular_;
};

/// The `count` entries whose weight is largest in size (0: all), of equal ones those of smaller item. Items ascending.
std::vector<ItemWeight> strongest(std::vector<ItemWeight> entries, size_t count);

}  // namespace penstock
