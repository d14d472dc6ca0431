// A record batch as bytes, for the store and for the way between nodes: columns packed by simple integer tricks, the
// whole compressed with zstd (level 1) and guarded by a checksum. Self-describing. The origin is not included. Any
// thread.
//
//   batch      := version:u8 (1)  compression:u8 (0 none, 1 zstd)  checksum:u64  body_size:u32  payload
//   checksum   := XXH3-64 of payload, seeded with version | compression << 8 | body_size << 16
//   payload    := body, or body compressed; body_size counts it uncompressed
//   body       := rows:u32  fields:u16  field*  column*
//   field      := name_size:u16 name  type:u8  required:u8
//   column     := size:u32 (of what follows)  nulls:u8 (0 none, 1 bitmap, 2 all)  [bitmap]  values
//   bitmap     := ceil(rows / 8) bytes, lowest bit first, set where the value is there
//   values     := nothing if all rows are null, else by type:
//                 bool                bitmap
//                 int64, timestamp    ints(rows)
//                 float64             0x00 f64*rows | 0x01 scale:u16 ints(rows): value = int / scale, exactly
//                 string, json        0x00 texts(rows) | 0x01 entries:u32 texts(entries) ints(rows) (the codes)
//   texts(n)   := ints(n) (lengths)  bytes
//   ints(n)    := delta:u8  width:u8 (0 1 2 4 8)  base:i64  [first:i64 if delta]  (unsigned of `width` bytes)*n
//                 value = base + unsigned; with delta that is added to the value before (to `first` at row 0)
//
// All numbers are little-endian; additions wrap. Values of null rows are 0 or empty.
#pragma once

#include <string>
#include <string_view>

#include "core/status.h"
#include "messages/record_batch.h"

namespace penstock {

constexpr size_t kMaxBatchRows = size_t{1} << 24;

/// The batch's rows (the selected ones, if it has a selection). Requires: at most kMaxBatchRows rows, less than 1 GiB
/// of values, at most 65,535 fields.
std::string encode_batch(const RecordBatch& batch);

/// The batch back. `expected` null: with the stored schema. Else with `expected`, fields matched by name: stored fields
/// that it does not have are skipped at no cost, fields that were not stored become null.
/// Errors: data_loss (broken bytes), failed_precondition (the stored schema does not fit the expected one), naming
/// what.
Result<BatchPtr> decode_batch(std::string_view bytes, SchemaPtr expected);

/// The schema stored in the bytes. Errors: data_loss.
Result<SchemaPtr> decode_batch_schema(std::string_view bytes);

}  // namespace penstock
