// Log entries inside an LMDB transaction. Functions are thread safe as far as their transaction is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/lmdb_env.h"
#include "storage/lmdb_state.h"

namespace penstock {

/// Requires: `hash` is body_hash(bytes).
Status append_log_entry(MDB_txn* txn, const LmdbEnv& env, uint32_t log, Partition partition, Offset first,
                        uint32_t records, Timestamp appended, std::string_view bytes, uint64_t hash);
/// As Store::read. Errors: data_loss, naming log, partition and offset.
Result<std::vector<LogEntry>> read_log_entries(MDB_txn* txn, const LmdbEnv& env, std::string_view name, uint32_t log,
                                               Partition partition, Offset from, uint64_t max_bytes);
/// Drops at most `most` entries that the log's retention no longer keeps, and moves `range` on. Returns how many.
Result<uint64_t> drop_old_entries(MDB_txn* txn, const LmdbEnv& env, const LmdbLog& log, Partition partition,
                                  Timestamp now, uint64_t most, LmdbPartition& range);

/// `log "l" partition 0 offset 7`, for messages.
std::string log_place(std::string_view name, uint32_t partition, uint64_t offset);
/// `log "l" partition 0 offset 7: <what>`.
Status log_damage(std::string_view name, uint32_t partition, uint64_t offset, std::string_view what);

}  // namespace penstock
