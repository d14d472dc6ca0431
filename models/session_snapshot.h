// Past sessions and which items they had (models/session_knn.h). Sessions are numbered, the newest is 0; of each item the
// `sample` newest are kept. Immutable, safe for any number of threads.
//
// An item that comes later brings the sessions of its fans with it: they speak for it alone, so that the scores of all
// others stay as they are.
//
// Stored as (numbers little-endian):
//   snapshot := "PSTKSES" version:u8 = 1, head, ids, fans, sessions, owners, late, checksum:u64 (XXH64)
//   head     := neighbours:u32 sample:u32 last_items:u32 idf:f32 recency:u8 past:i64 items:u32 sessions:u32 late:u32
//   ids      := (length:u32 bytes)*          of items
//   fans     := f32 × items                  past sessions that have the item, also those that are not kept
//   owners   := u32 × late                   the item that a late session speaks for
//   sessions, late := rows                   models/sparse_format.h
#pragma once

#include <string>
#include <vector>

#include "models/popular_order.h"
#include "models/session_knn.h"

namespace penstock {

struct SessionState {
  SessionKnnParameters parameters;
  int64_t past = 0;  // sessions in training
  std::vector<std::string> items;
  std::vector<float> fans;
  SparseMatrix sessions;  // kept sessions × items, the newest first
  std::vector<int32_t> owners;
  SparseMatrix late;  // late sessions × items
};

class SessionSnapshot final : public ModelSnapshot {
 public:
  explicit SessionSnapshot(SessionState state);
  /// Errors: data_loss.
  static Result<ModelSnapshotPtr> load(std::string_view bytes);

  const std::vector<std::string>& items() const override { return state_.items; }
  std::vector<ScoredItem> recommend(const ModelQuery& query) const override;
  /// As after a session of this item alone.
  std::vector<ScoredItem> similar(int32_t item, size_t n, const ItemSet* allowed) const override;
  std::vector<float> score_all(const ModelQuery& query) const override;
  std::vector<float> score(const ModelQuery& query, std::span<const int32_t> items) const override;
  /// The items of the session that the sessions with `item` share most.
  std::vector<int32_t> because(const ModelQuery& query, int32_t item, size_t n) const override;
  ModelSnapshotPtr with_items(std::span<const NewItem> items) const override;
  std::string save() const override;
  size_t memory() const override;

 private:
  // The present session: how many items ago each of its items was, counted from 1, and what it counts.
  struct Present {
    SparseSums ago;
    SparseSums weights;
    std::vector<int32_t> items;
  };
  struct Neighbour {
    int32_t session;
    double strength;  // sim · λ
  };
  Present& present(std::span<const ItemWeight> history) const;
  std::vector<Neighbour> neighbours(const Present& now) const;
  double strength(const Present& now, std::span<const int32_t> session) const;
  double worth(int32_t item) const;
  /// False if nothing is like the present session.
  bool sum(std::span<const ItemWeight> history, SparseSums& sums) const;

  SessionState state_;
  SparseMatrix having_;  // items × kept sessions
  PopularOrder popular_;
};

}  // namespace penstock
