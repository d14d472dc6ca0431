// A view's rows at one moment, by their key as text: the items that a recommender filters by. Some columns are also coded:
// equal values have equal numbers, which is all that a cap or a likeness asks. Immutable; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "messages/record_batch.h"

namespace penstock {

class RowTable {
 public:
  /// `key` and `coded` are columns of `rows`; ids that are no text are taken as they are written: 42. Rows without a
  /// key are not found.
  RowTable(const BatchPtr& rows, size_t key, std::span<const size_t> coded = {});

  const RecordBatch& rows() const { return *rows_; }
  int32_t size() const { return static_cast<int32_t>(rows_->rows()); }
  /// Row of the key, or -1.
  int32_t row(std::string_view key) const;
  /// The value of a row in the column that is `coded[index]`; null, and what no row has, is -1.
  int32_t code(size_t index, int32_t row) const { return row < 0 ? -1 : codes_[index][static_cast<size_t>(row)]; }
  uint64_t memory() const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  BatchPtr rows_;  // without a selection
  std::unordered_map<std::string, int32_t, Hash, std::equal_to<>> by_key_;
  std::vector<std::vector<int32_t>> codes_;  // by coded column, by row
};

}  // namespace penstock
