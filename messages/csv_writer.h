// Rows as CSV (RFC 4180; lines end with LF): what CsvDecoder reads back to the same rows.
//
// Text is put in quotes where it has to be; null is empty, an empty string `""` (and so is null in a single column, for
// an empty line would be skipped). Timestamps are ISO 8601 UTC, floats the shortest that read back the same. Any
// thread.
#pragma once

#include <string>

#include "messages/record_batch.h"

namespace penstock {

/// The header line with the schema's field names, behind what is in `out`.
void append_csv_header(const Schema& schema, std::string& out, char delimiter = ',');
/// The i-th row of the batch (not the physical one) as a line.
void append_row_csv(const RecordBatch& batch, size_t i, std::string& out, char delimiter = ',');

}  // namespace penstock
