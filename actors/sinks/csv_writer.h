// Rows as CSV lines after RFC 4180: a field is quoted where it must be; null is nothing between delimiters, an empty text is "".
// Values as Column::to_string writes them. Any thread.
#pragma once

#include <string>

#include "messages/record_batch.h"

namespace penstock {

/// The i-th row of the batch (not the physical one), with a line feed.
void append_row_csv(const RecordBatch& batch, size_t i, char delimiter, std::string& out);
/// The names of the columns.
void append_header_csv(const Schema& schema, char delimiter, std::string& out);

}  // namespace penstock
