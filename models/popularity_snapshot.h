// Items by popularity, for all users and for segments of them (models/popularity.h). Immutable, safe for any number of
// threads.
//
// Stored as (numbers little-endian):
//   snapshot := "PSTKPOP" version:u8 = 2, by:u8 trending:u8 expected:f32 items:u32 (length:u32 bytes)* scores
//               segments:u32 segment* checksum:u64 (XXH64)
//   scores   := f32 × items
//   segment  := name (length:u32 bytes) users:u32 entries:u32 (item:i32 score:f32)*     items ascending
// Version 1 has no trending, no expected and no segments.
#pragma once

#include <string>
#include <vector>

#include "models/popularity.h"

namespace penstock {

/// The score of an item with count `c`, and `s` over the longer time: t_i of popularity.h.
double trend(double c, double s, double expected);

struct PopularitySegment {
  std::string name;  // of the feature
  uint32_t users = 0;
  std::vector<ItemWeight> scores;  // items ascending; others have none
};

struct PopularityState {
  PopularityParameters::By by = PopularityParameters::By::kUsers;
  bool trending = false;
  float expected = 1;  // (sum of c) / (sum of s)
  std::vector<std::string> items;
  std::vector<float> scores;
  std::vector<PopularitySegment> segments;  // by name
};

class PopularitySnapshot final : public ModelSnapshot {
 public:
  explicit PopularitySnapshot(PopularityState state);
  /// Errors: data_loss.
  static Result<ModelSnapshotPtr> load(std::string_view bytes);

  const std::vector<std::string>& items() const override { return state_.items; }
  std::vector<ScoredItem> recommend(const ModelQuery& query) const override;
  /// The most popular others, whatever the item.
  std::vector<ScoredItem> similar(int32_t item, size_t n, const ItemSet* allowed) const override;
  std::vector<float> score_all(const ModelQuery& query) const override;
  /// What fans did counts as of now; a new item is in no segment.
  ModelSnapshotPtr with_items(std::span<const NewItem> items) const override;
  std::string save() const override;
  size_t memory() const override;

 private:
  /// nullptr: all users.
  const PopularitySegment* segment_of(std::span<const Feature> features) const;
  /// Breaks ties in a segment, and orders what nobody there has.
  float overall(int32_t item) const { return scale_ * state_.scores[item]; }
  std::vector<ScoredItem> best(const PopularitySegment* segment, const ModelQuery& rules) const;

  PopularityState state_;
  float scale_;                 // makes all scores small against one user of a segment
  std::vector<int32_t> order_;  // best first
};

}  // namespace penstock
