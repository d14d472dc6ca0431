#include "actors/stages/reject.h"

#include "messages/json_writer.h"

namespace penstock {

Rejected reject_row(const RecordBatch& batch, size_t i, std::string reason) {
  Rejected out{std::move(reason), std::nullopt, std::nullopt, row_to_json(batch, i)};
  if (batch.origin()) {
    out.offset = batch.offset(i);
    out.partition = batch.origin()->partition;
  }
  return out;
}

BatchPtr reject_errors(const BatchPtr& batch, std::span<const sql::RowError> errors, std::string_view context,
                       std::vector<Rejected>& rejected) {
  if (errors.empty())
    return batch;
  std::vector<bool> bad(batch->rows());
  for (const sql::RowError& error : errors) {
    if (!bad[error.row])
      rejected.push_back(reject_row(*batch, error.row, std::string(context) + ": " + error.message));
    bad[error.row] = true;
  }
  Selection good;
  good.reserve(batch->rows());
  for (size_t i = 0; i < bad.size(); ++i)
    if (!bad[i])
      good.push_back(static_cast<uint32_t>(batch->row(i)));
  return batch->select(std::move(good));
}

}  // namespace penstock
