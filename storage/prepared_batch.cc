#include "storage/prepared_batch.h"

#include "storage/lmdb_format.h"

namespace penstock {
namespace {

// Values over half a page get pages of their own; the rest is for key, checksum and node.
uint64_t stored_bytes(uint64_t bytes) { return bytes > 1900 ? (bytes + 64 + 4095) / 4096 * 4096 : bytes + 64; }

}  // namespace

PreparedDelta prepare_delta(std::string table, const Delta& delta) {
  PreparedDelta prepared{std::move(table), DeltaSegment::encode(delta), 0};
  prepared.hash = body_hash(prepared.segment->bytes());
  return prepared;
}

PreparedBatch prepare(WriteBatch batch, Status valid) {
  PreparedBatch prepared;
  prepared.status = std::move(valid);
  if (!prepared.status.ok())
    return prepared;
  for (const auto& append : batch.appends) {
    prepared.append_hashes.push_back(body_hash(append.bytes));
    prepared.bytes += stored_bytes(append.bytes.size());
  }
  for (const auto& put : batch.puts)
    if (put.value)
      prepared.bytes += stored_bytes(put.key.size() + put.value->size());
  for (auto& append : batch.deltas) {
    if (append.delta.empty())
      continue;
    prepared.deltas.push_back(prepare_delta(std::move(append.table), append.delta));
    prepared.bytes += stored_bytes(prepared.deltas.back().segment->bytes().size());
    append.delta = {};
  }
  batch.deltas.clear();
  prepared.batch = std::move(batch);
  return prepared;
}

}  // namespace penstock
