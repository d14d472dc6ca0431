// Keys of views between their texts (in a URL, on the command line) and the bytes that tables are keyed by. Any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/status.h"
#include "messages/record_batch.h"

namespace penstock {

/// The table key of a view without key columns: a store takes no empty key.
inline constexpr std::string_view kOnlyKey{"\0", 1};

/// Appends the value that `text` writes to `out`. Errors: invalid_argument, naming the column, its type and the text.
Status parse_value(const Field& field, std::string_view text, ColumnBuilder& out);

/// One text a field, in order, as append_key (messages/key.h) writes the values. Errors: invalid_argument.
Result<std::string> parse_key(std::span<const Field> fields, std::span<const std::string> texts);

/// The table key of a row: append_key, or kOnlyKey if there are no columns. Replaces `out`.
void row_key(const RecordBatch& batch, std::span<const size_t> columns, size_t physical_row, std::string& out);

/// Appends the key's values to `builders`, one each. Errors: data_loss.
Status read_key(std::string_view key, std::span<ColumnBuilder*> builders);

}  // namespace penstock
