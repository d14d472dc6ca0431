#include "actors/aggregators/batch_keys.h"

#include <algorithm>

#include "actors/aggregators/view_key.h"
#include "actors/stages/reject.h"
#include "messages/key.h"
#include "storage/limits.h"

namespace penstock {

void BatchKeys::encode(const RecordBatch& batch, std::span<const size_t> columns) {
  bytes_.clear();
  ends_.assign(1, 0);
  hashes_.clear();
  for (size_t i = 0; i < batch.rows(); ++i) {
    if (columns.empty())
      bytes_ += kOnlyKey;
    else
      append_key(batch, columns, batch.row(i), bytes_);
    ends_.push_back(bytes_.size());
    hashes_.push_back(hash_key(key(i)));
  }
}

BatchPtr reject_bad_keys(const BatchPtr& batch, std::span<const size_t> key, std::span<const size_t> needed,
                         std::string_view context, std::vector<Rejected>& rejected) {
  constexpr size_t kTimerBytes = 9;  // before the key, where a timer waits for it (key_timers.h)
  constexpr size_t kMost = kMaxKeyBytes - kTimerBytes;
  std::vector<sql::RowError> errors;
  std::string bytes;
  for (size_t i = 0; i < batch->rows(); ++i) {
    const size_t row = batch->row(i);
    const auto is_null = [&](size_t column) { return batch->column(column)->is_null(row); };
    if (const auto null = std::find_if(needed.begin(), needed.end(), is_null); null != needed.end()) {
      errors.push_back({i, batch->schema()->field(*null).name + " is null"});
      continue;
    }
    row_key(*batch, key, row, bytes);
    if (bytes.size() > kMost)
      errors.push_back({i, "the key has " + std::to_string(bytes.size()) + " bytes, and at most " +
                               std::to_string(kMost) + " can be stored"});
  }
  return reject_errors(batch, errors, context, rejected);
}

}  // namespace penstock
