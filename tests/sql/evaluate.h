// What the room's tests share: small batches written as text, and answers as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/record_batch.h"
#include "sql/expression.h"

namespace penstock::sql {

/// b bool, i j int64, f g float64, s t string, at until timestamp, doc json; and id int64, required.
SchemaPtr test_schema();

/// A row's cells in the schema's order, parted by `|`; `-` is null. Missing cells at the end are null.
BatchPtr rows(const std::vector<std::string>& lines);

/// The values for the rows, parted by spaces; an error as `!message`. A compile problem as `@offset message (hint)`.
std::string evaluate(std::string_view expression, const RecordBatch& batch);
/// For one row in which everything is null but id = 1.
std::string evaluate(std::string_view expression);
/// The problem as `@offset message (hint)`, or `ok`.
std::string problem(std::string_view expression);

}  // namespace penstock::sql
