// How stages set bad rows aside: what was wrong, where the row came from, and the row itself as JSON. Any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "actors/stages/stage.h"
#include "sql/expression.h"

namespace penstock {

/// The i-th row of the batch as a rejected record.
Rejected reject_row(const RecordBatch& batch, size_t i, std::string reason);

/// Rejects the rows that have errors, each row once whatever the number of its errors; `context` (such as `where`) goes
/// before the messages. Returns the batch without those rows; itself if there are no errors.
BatchPtr reject_errors(const BatchPtr& batch, std::span<const sql::RowError> errors, std::string_view context,
                       std::vector<Rejected>& rejected);

}  // namespace penstock
