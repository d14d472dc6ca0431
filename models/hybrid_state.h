// What a training of the model `hybrid` learnt, as plain values (hybrid.h has the words). What does not change when items
// are added is shared between snapshots.
//
// Stored as (numbers little-endian, texts as length:u32 bytes):
//   snapshot := "PSTKHYB" version:u8 = 1, head, prior, users, features, features, items, checksum
//   head     := loss:u8 factors:u32 max_sampled:u32 η:f32 λ:f32 trained_items:u32 mean_fans:f32
//   prior    := f32 × factors, f32 × factors, f32          mean own embedding of a user, of an item, its bias
//   users    := count:u32, text*, u32*, f32*, f32 × count × factors      ids, interactions, levels, x
//   features := count:u32, text*, f32*, f32 × count × factors            names, biases, embeddings; users', then items'
//   items    := count:u32, text*, f32*, f32 × count × factors            ids, b, y
//   checksum := u64                                                       XXH64 of all before it
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/factors.h"
#include "models/hybrid.h"

namespace penstock {

/// Embeddings of declared features, by name.
struct NamedEmbeddings {
  std::vector<std::string> names;  // ascending
  Factors vectors;
  std::vector<float> biases;

  /// -1 if there is none.
  int64_t row(std::string_view name) const;
};

struct HybridUsers {
  std::vector<std::string> ids;  // ascending
  std::vector<uint32_t> counts;  // items that each had in training
  std::vector<float> levels;     // mean score of those items
  Factors vectors;               // x

  int64_t row(std::string_view id) const;
};

struct HybridState {
  HybridParameters parameters;  // loss, factors, max_sampled, learning_rate, regularization
  std::shared_ptr<const HybridUsers> users;
  std::shared_ptr<const NamedEmbeddings> user_features, item_features;
  std::shared_ptr<const AlignedFloats> user_prior, item_prior;  // mean own embedding: the best guess for a new one
  float item_prior_bias = 0;
  float mean_fans = 0;  // of an item, in training
  int64_t trained_items = 0;
  std::vector<std::string> items;
  Factors vectors;  // y
  std::vector<float> biases;
};

std::string save_hybrid(const HybridState& state);
/// Whether load_hybrid() takes what save_hybrid() makes of it. Errors: invalid_argument.
Status check_learnt(const HybridState& state);
/// Errors: data_loss.
Result<HybridState> load_hybrid(std::string_view bytes);
size_t hybrid_memory(const HybridState& state);

}  // namespace penstock
