// The keys of a batch's rows as bytes, one behind the other, with their hashes: what an aggregator looks its state up by.
// Kept from batch to batch for its memory. A plain value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/stages/stage.h"
#include "messages/record_batch.h"

namespace penstock {

class BatchKeys {
 public:
  /// The batch's rows, by their columns (append_key of messages/key.h, or kOnlyKey without columns).
  void encode(const RecordBatch& batch, std::span<const size_t> columns);

  size_t size() const { return hashes_.size(); }
  std::string_view key(size_t i) const { return std::string_view(bytes_).substr(ends_[i], ends_[i + 1] - ends_[i]); }
  uint64_t hash(size_t i) const { return hashes_[i]; }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;  // one more than rows, from 0
  std::vector<uint64_t> hashes_;
};

/// Rejects the rows whose key is too long to be stored, and those where one of the columns `needed` is null; `context` goes
/// before the reasons. The batch without them; itself if there are none.
BatchPtr reject_bad_keys(const BatchPtr& batch, std::span<const size_t> key, std::span<const size_t> needed,
                         std::string_view context, std::vector<Rejected>& rejected);

}  // namespace penstock
