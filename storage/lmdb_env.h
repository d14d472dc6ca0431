// The door to LMDB: one environment with Penstock's four databases, its transactions and cursors, and LMDB's error codes
// as Status. Only storage/lmdb_* and storage/check_* include this.
//
// Read transactions may be used on any thread (one at a time each); the write transaction only on the thread that began
// it. Everything handed out must be gone before the environment is. Never open a folder twice in a process: LMDB's locks
// belong to the process (DirectoryLock sees to it).
#pragma once

#include <lmdb.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"

namespace penstock {

/// What LMDB or the system answered while `doing`: full map or disk is resource_exhausted, broken pages data_loss.
Status lmdb_error(std::string_view doing, int code);

inline std::string_view view(const MDB_val& value) { return {static_cast<const char*>(value.mv_data), value.mv_size}; }
inline MDB_val val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }

struct LmdbEnvOptions {
  std::string path;
  uint64_t map_bytes = 0;  // halved (down to 1 GiB) until the system grants the address space
  bool sync_meta = true;   // false: a commit costs one disk sync, and losing power may undo the last one
  bool read_only = false;
};

class LmdbEnv {
 public:
  /// Requires: the folder exists. Errors: data_loss (not a store, cut short), failed_precondition (format, access),
  /// resource_exhausted (address space, disk), not_found (read-only and nothing there).
  static Result<std::unique_ptr<LmdbEnv>> open(const LmdbEnvOptions& options);
  ~LmdbEnv();

  MDB_env* get() const { return env_; }
  uint64_t map_bytes() const { return map_bytes_; }
  /// Id of the newest committed transaction; a read transaction begun after it has this id.
  uint64_t last_transaction() const;
  /// Bytes of the file up to its last used page, and how many of those pages hold something.
  uint64_t file_bytes() const;
  Result<uint64_t> used_bytes() const;
  /// Read transactions that are open now, in all processes.
  uint64_t readers() const;
  /// Frees what processes that died while reading still hold.
  void check_readers();

  MDB_dbi meta = 0, entries = 0, changelog = 0, tables = 0;

 private:
  friend class LmdbRead;
  LmdbEnv() = default;
  Status open_map(const LmdbEnvOptions& options);
  Status open_databases(const LmdbEnvOptions& options);

  MDB_env* env_ = nullptr;
  uint64_t map_bytes_ = 0;
  mutable std::mutex idle_mutex_;
  mutable std::vector<MDB_txn*> idle_;  // reset read transactions, to be renewed
};

/// A snapshot. Keep it short: while it lives, pages it may see are not used again.
class LmdbRead {
 public:
  static Result<LmdbRead> begin(const LmdbEnv& env);
  LmdbRead(LmdbRead&& other) noexcept;
  LmdbRead& operator=(LmdbRead&&) = delete;
  ~LmdbRead();
  MDB_txn* get() const { return txn_; }
  uint64_t id() const { return mdb_txn_id(txn_); }

 private:
  LmdbRead(const LmdbEnv& env, MDB_txn* txn) : env_(&env), txn_(txn) {}
  const LmdbEnv* env_;
  MDB_txn* txn_;
};

/// The write transaction; undone if destroyed without a commit.
class LmdbWrite {
 public:
  /// With `redoable`, losing power may undo the commit (never in part): saves one disk sync.
  static Result<LmdbWrite> begin(LmdbEnv& env, bool redoable = false);
  LmdbWrite(LmdbWrite&& other) noexcept;
  LmdbWrite& operator=(LmdbWrite&&) = delete;
  ~LmdbWrite();
  MDB_txn* get() const { return txn_; }
  Status commit();

 private:
  explicit LmdbWrite(MDB_txn* txn) : txn_(txn) {}
  MDB_txn* txn_;
};

class LmdbCursor {
 public:
  static Result<LmdbCursor> open(MDB_txn* txn, MDB_dbi database);
  LmdbCursor(LmdbCursor&& other) noexcept;
  LmdbCursor& operator=(LmdbCursor&&) = delete;
  ~LmdbCursor();
  /// Moves; false if there is nothing there. `key` and `value` point into the map.
  Result<bool> move(MDB_cursor_op operation);
  /// Moves to the first key that is not before `key`.
  Result<bool> seek(std::string_view key);
  Status erase();

  std::string_view key, value;

 private:
  explicit LmdbCursor(MDB_cursor* cursor) : cursor_(cursor) {}
  MDB_cursor* cursor_;
};

}  // namespace penstock
