// From the values of an evaluation to a column of its own.
#pragma once

#include "messages/column.h"
#include "sql/context.h"

namespace penstock::sql {

/// The values of the rows, dense. Null where the value is null or the row failed. Rows whose strings would make the column
/// larger than its offsets can count (2 GiB) fail.
ColumnPtr materialize(Context& context, const Vector& values, const Rows& rows);

}  // namespace penstock::sql
