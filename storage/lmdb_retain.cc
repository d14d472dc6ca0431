#include "storage/lmdb_retain.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/fault_points.h"
#include "storage/lmdb_log.h"

namespace penstock {
namespace {

constexpr uint64_t kSliceEntries = 4096, kSliceBytes = 256ull << 20;

Result<uint64_t> retain_slice(LmdbEnv& env, LmdbState& state, LmdbLog& log, Partition partition, Timestamp now,
                              uint64_t most) {
  LmdbPartition range = log.partitions[partition.value()];
  if (range.entries == 0 || (!log.options.retention.age && !log.options.retention.size))
    return uint64_t{0};
  PENSTOCK_TRY(hit(FaultPoint::kRetain));
  const uint64_t usual = std::max<uint64_t>(1, range.bytes / range.entries);
  most = std::clamp<uint64_t>(kSliceBytes / usual, 1, most);
  PENSTOCK_ASSIGN(LmdbWrite write, LmdbWrite::begin(env));
  PENSTOCK_ASSIGN(const uint64_t dropped, drop_old_entries(write.get(), env, log, partition, now, most, range));
  if (dropped == 0)
    return dropped;
  PENSTOCK_TRY(put_partition_record(write.get(), env, log.id, partition.value(), range));
  PENSTOCK_TRY(write.commit());
  std::lock_guard lock(state.mutex);
  state.transaction = env.last_transaction();
  log.partitions[partition.value()] = range;
  return dropped;
}

Result<uint64_t> retain_partition(LmdbEnv& env, LmdbState& state, LmdbWriter& writer, LmdbLog& log, Partition partition,
                                  Timestamp now) {
  uint64_t dropped = 0;
  for (uint64_t most = kSliceEntries;;) {
    uint64_t slice = 0;
    const Status status = writer.run([&]() -> Status {
      PENSTOCK_ASSIGN(slice, retain_slice(env, state, log, partition, now, most));
      return ok();
    });
    if (status.code() == Code::kResourceExhausted && most > 1) {
      most /= 8;  // deleting needs new pages; those of what goes first serve the next
      continue;
    }
    PENSTOCK_TRY(status);
    if (slice == 0)
      return dropped;
    dropped += slice;
  }
}

}  // namespace

Result<uint64_t> retain_logs(LmdbEnv& env, LmdbState& state, LmdbWriter& writer, Timestamp now) {
  std::vector<std::pair<LmdbLog*, uint32_t>> all;  // logs are never removed, so they stay where they are
  {
    std::lock_guard lock(state.mutex);
    for (auto& [name, log] : state.logs)
      all.emplace_back(&log, log.options.partitions);
  }
  uint64_t dropped = 0;
  for (const auto& [log, partitions] : all) {
    for (uint32_t p = 0; p < partitions; ++p) {
      PENSTOCK_ASSIGN(const uint64_t here, retain_partition(env, state, writer, *log, Partition(p), now));
      dropped += here;
    }
  }
  return dropped;
}

}  // namespace penstock
