// One model version as it answers: the snapshot, where its items are by id, and how a history's item numbers become the
// snapshot's. Immutable but for the translation, which grows with the history; any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/aggregators/history.h"
#include "models/model.h"
#include "storage/model_repository.h"

namespace penstock {

class Serving {
 public:
  /// `trained` is the snapshot without the items that were folded in later from so many users (`fans`).
  Serving(ModelSnapshotPtr snapshot, ModelSnapshotPtr trained, uint64_t fans, ModelVersion version);

  const ModelSnapshot& snapshot() const { return *snapshot_; }
  const ModelSnapshotPtr& trained() const { return trained_; }
  uint64_t fans() const { return fans_; }
  const ModelVersion& version() const { return version_; }
  uint64_t memory() const;

  /// The snapshot's number of an item, or -1.
  int32_t row(const std::string& item) const;
  /// The snapshot's numbers of these items, without those it does not know.
  std::vector<int32_t> rows(const std::vector<std::string>& items) const;
  /// A history in the snapshot's numbers, without the items that it does not know.
  std::vector<ItemWeight> translate(const IdMap& ids, const UserHistory& history) const;

  /// The snapshot's number for each number of `ids`, -1 where it does not know the item; as long as ids at this moment.
  using Rows = std::shared_ptr<const std::vector<int32_t>>;
  Rows rows_of(const IdMap& ids) const;

 private:
  ModelSnapshotPtr snapshot_;
  ModelSnapshotPtr trained_;
  uint64_t fans_;
  ModelVersion version_;
  std::unordered_map<std::string, int32_t> by_id_;

  mutable std::mutex mutex_;
  mutable const IdMap* ids_ = nullptr;  // that rows_ is of
  mutable Rows rows_;
};
using ServingPtr = std::shared_ptr<const Serving>;

}  // namespace penstock
