// Sparse rows in stored models: the rows' lengths (u32 each), then their entries (column:i32 value:f32), columns
// ascending. How many rows and columns there are stands before it.
#pragma once

#include "models/bytes.h"
#include "models/interactions.h"

namespace penstock {

void write_rows(const SparseMatrix& matrix, SnapshotWriter& out);
/// False if the entries cannot be those of such rows.
bool read_rows(SnapshotReader& in, uint32_t rows, uint32_t columns, SparseMatrix& matrix);

}  // namespace penstock
