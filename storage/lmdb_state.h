// What the writer knows and readers need at every call: logs with their ranges, tables with their overlays, and the
// transaction all of it belongs to.
//
// The writer's thread alone changes it, under `mutex`, right after a commit; so it reads without the lock, others with it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/delta_segment.h"
#include "storage/lmdb_env.h"
#include "storage/store.h"

namespace penstock {

struct LmdbPartition {
  Offset first, next;
  uint64_t bytes = 0, entries = 0;
};

struct LmdbLog {
  uint32_t id = 0;
  LogOptions options;
  std::vector<LmdbPartition> partitions;
};

struct LmdbTable {
  uint32_t id = 0;
  std::shared_ptr<const Overlay> overlay = std::make_shared<Overlay>();  // never null
};

struct LmdbState {
  mutable std::mutex mutex;
  uint64_t transaction = 0;  // LMDB's id of the commit that this state is of
  std::map<std::string, LmdbLog, std::less<>> logs;
  std::map<std::string, LmdbTable, std::less<>> tables;
  uint32_t next_table = 1;     // id
  uint64_t next_sequence = 1;  // of the changelog
  uint64_t changelog_bytes = 0;
  uint64_t commits = 0;
  double last_commit_seconds = 0;
};

/// Fills `state` from the environment. Errors: data_loss (what is damaged, where), failed_precondition (format version).
Status load_state(const LmdbEnv& env, LmdbState& state);
Status load_state(const LmdbRead& read, const LmdbEnv& env, LmdbState& state);

// Records of the database `meta`.
Status put_log_record(MDB_txn* txn, const LmdbEnv& env, const std::string& name, const LmdbLog& log);
Status put_partition_record(MDB_txn* txn, const LmdbEnv& env, uint32_t log, uint32_t partition,
                            const LmdbPartition& record);
Status put_table_record(MDB_txn* txn, const LmdbEnv& env, const std::string& name, uint32_t id);
/// Writes the format version into a new environment. Errors: failed_precondition if it is of another version.
Status ensure_format(LmdbEnv& env, const std::string& path);
Status put_format(MDB_txn* txn, const LmdbEnv& env);
/// Errors: failed_precondition naming both versions; not_found if there is none.
Status check_format(MDB_txn* txn, const LmdbEnv& env, const std::string& path);
/// Logs, partitions and tables, without overlays. Errors: data_loss.
Status load_meta(MDB_txn* txn, const LmdbEnv& env, LmdbState& state);

}  // namespace penstock
