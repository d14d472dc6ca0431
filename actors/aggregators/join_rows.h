// The rows that a join keeps, as bytes, and the pairs that come of them. A row keeps only the columns that the result needs.
//
//   row   := value*                      one a column, in their order
//   value := 0x00                        null
//          | 0x01 u8 | 0x01 8 bytes      bool; int64, timestamp, float64 (little-endian)
//          | 0x01 size:u32 bytes         string, json
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "actors/aggregators/join_plan.h"
#include "actors/stages/stage.h"
#include "messages/record_batch.h"

namespace penstock {

/// Physical row `row` of the batch.
std::string pack_row(const RecordBatch& batch, std::span<const size_t> columns, size_t row);
/// Appends a row to the builder's columns from `first` on. Errors: data_loss.
Status unpack_row(std::string_view packed, size_t first, size_t columns, BatchBuilder& builder);

/// Gathers pairs of rows and makes the join's result of them. The plan outlives it.
class JoinRows {
 public:
  explicit JoinRows(const JoinPlan& plan) : plan_(&plan), pairs_(plan.pairs) {}

  // A pair; without `right`, the left row alone.
  Status add(const RecordBatch& left, size_t row, std::optional<std::string_view> right);
  Status add(std::string_view left, std::optional<std::string_view> right);
  /// Time to flush.
  bool is_full() const { return pairs_.rows() >= kMost; }
  /// Moves the results into `out`; pairs for which a column cannot be computed are rejected.
  void flush(StageOutput& out);

 private:
  static constexpr size_t kMost = 16'384;
  Status add_right(std::optional<std::string_view> right);

  const JoinPlan* plan_;
  BatchBuilder pairs_;
};

}  // namespace penstock
