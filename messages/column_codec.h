// One column as bytes: the rule `column` (behind its size) of batch_codec.h's grammar.
#pragma once

#include <string>
#include <string_view>

#include "core/status.h"
#include "messages/column.h"

namespace penstock {

void append_column(const Column& column, std::string& out);

/// Errors: data_loss, saying which part is broken.
Result<ColumnPtr> read_column(std::string_view bytes, Type type, size_t rows);

}  // namespace penstock
