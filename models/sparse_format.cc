#include "models/sparse_format.h"

namespace penstock {

void write_rows(const SparseMatrix& matrix, SnapshotWriter& out) {
  for (int32_t row = 0; row < matrix.rows; ++row)
    out.number(static_cast<uint32_t>(matrix.row_indices(row).size()));
  for (size_t entry = 0; entry < matrix.indices.size(); ++entry) {
    out.number(matrix.indices[entry]);
    out.number(matrix.values[entry]);
  }
}

bool read_rows(SnapshotReader& in, uint32_t rows, uint32_t columns, SparseMatrix& matrix) {
  matrix = {};
  matrix.rows = static_cast<int32_t>(rows);
  matrix.columns = static_cast<int32_t>(columns);
  if (rows > INT32_MAX || columns > INT32_MAX || uint64_t{rows} * sizeof(uint32_t) > in.left())
    return false;
  for (uint32_t row = 0; row < rows; ++row)
    matrix.pointers.push_back(matrix.pointers.back() + in.number<uint32_t>());
  const auto entries = static_cast<uint64_t>(matrix.pointers.back());
  if (entries > in.left() / (sizeof(int32_t) + sizeof(float)))
    return false;
  matrix.indices.resize(entries);
  matrix.values.resize(entries);
  for (uint64_t entry = 0; entry < entries; ++entry) {
    matrix.indices[entry] = in.number<int32_t>();
    in.floats(&matrix.values[entry], 1);
  }
  for (int32_t row = 0; row < matrix.rows; ++row) {
    int32_t last = -1;
    for (const int32_t column : matrix.row_indices(row)) {
      if (column <= last || column >= matrix.columns)
        return false;
      last = column;
    }
  }
  return in.ok();
}

}  // namespace penstock
