// A WriteBatch made ready on its caller's thread, so that the one writer thread does as little as possible: deltas sorted
// and encoded, bytes hashed, sizes and names checked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/delta_segment.h"
#include "storage/store.h"

namespace penstock {

struct PreparedDelta {
  std::string table;
  SegmentPtr segment;
  uint64_t hash = 0;  // of its encoded bytes
};

struct PreparedBatch {
  Status status;     // what is wrong with the batch by its own fault
  WriteBatch batch;  // without its deltas
  std::vector<uint64_t> append_hashes;
  std::vector<PreparedDelta> deltas;
  uint64_t bytes = 0;  // about what it adds to the store: nothing for erasing and for positions
};

PreparedDelta prepare_delta(std::string table, const Delta& delta);
/// `valid` is the result of validate(batch).
PreparedBatch prepare(WriteBatch batch, Status valid);

}  // namespace penstock
