// Rows as JSON objects, one member a column in the schema's order: for sinks, dead letters and HTTP answers.
//
// null as null, NaN and infinities as null (JSON has no word for them), timestamps as ISO 8601 UTC, numbers in the
// shortest form that reads back the same, json columns embedded as they are. Invalid UTF-8 in a string is replaced by
// U+FFFD, so that the result is always valid JSON on one line. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "messages/record_batch.h"

namespace penstock {

/// The i-th row of the batch (not the physical one): `{"user":196,"title":"Toy Story"}`.
std::string row_to_json(const RecordBatch& batch, size_t i);
/// The same behind what is in `out`; no line end.
void append_row_json(const RecordBatch& batch, size_t i, std::string& out);
/// One value of a column, by its physical row.
void append_value_json(const Column& column, size_t row, std::string& out);
/// `text` as a JSON string with its quotes.
void append_json_string(std::string_view text, std::string& out);

}  // namespace penstock
