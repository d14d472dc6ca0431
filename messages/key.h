// Values of key columns as bytes: what an exchange hashes, what a view's table is keyed by. The same values always give
// the same bytes, different values different ones, and bytes sort as (null first, then by value) the columns do.
//
//   key   := value*
//   value := 0x00                        null
//          | 0x01 big-endian bytes       bool 1, int64 and timestamp 8 (sign bit flipped), float64 8 (order-preserving;
//                                        -0 counts as 0, and there is one NaN, which comes last)
//          | 0x01 escaped 0x00 0x00      string and json; a 0x00 inside is written 0x00 0xff
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/status.h"
#include "messages/record_batch.h"

namespace penstock {

/// Appends the key of physical row `row` (columns by index) to `out`.
void append_key(const RecordBatch& batch, std::span<const size_t> columns, size_t row, std::string& out);
/// Reads a key back, one value into each builder. Errors: data_loss.
Status decode_key(std::string_view key, std::span<ColumnBuilder*> builders);
/// Hash of a key's bytes; the same for ever (it decides where stored keys live). Source: xxHash, XXH3 64 bits.
uint64_t hash_key(std::string_view key);
/// The worker or partition (of `count`) that a key belongs to.
uint32_t route_key(std::string_view key, uint32_t count);

}  // namespace penstock
