// How far a file source has read: its position in bytes. Plain values; any thread.
//
//   position := version:u8 (1)  files:u32  file*
//   file     := path:text  inode:u64  size:u64  flags:u8 (1 read to its end, 2 inside an overlong record)
//               offset:u64  line:u64  record:u64  columns:u32 text*
//   text     := size:u32 bytes
// Numbers are little-endian.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"

namespace penstock {

struct FilePosition {
  uint64_t inode = 0;
  uint64_t size = 0;                 // of the file on disk, when it was last looked at
  bool done = false;                 // read to its end
  bool inside = false;               // of a record that is too long: its rest is passed over
  uint64_t offset = 0;               // in the uncompressed stream, of the next record
  uint64_t line = 1;                 // on which that record begins
  uint64_t record = 0;               // records before it
  std::vector<std::string> columns;  // of a CSV header that was read
};

using FilePositions = std::map<std::string, FilePosition>;  // by path

std::string encode_positions(const FilePositions& positions);
/// Errors: data_loss.
Result<FilePositions> decode_positions(std::string_view bytes);

}  // namespace penstock
