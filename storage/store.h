// The door to everything that must not be lost: logs, tables and positions, changed together in one transaction.
//
// A *log* is an append-only sequence of entries in partitions. An entry holds one encoded record batch (opaque bytes here)
// and covers the offsets [first, first + records). A *table* is keyed bytes. A *position* is the offset up to which an
// owner (a region, a sink, a source) has handled a partition of something; it only moves together with the effects.
//
// A table changes in one of two ways: `put`/`erase` at once, or through its *changelog*: `append_delta` commits what an
// epoch changed as one sequential entry, and the store absorbs those into the table in key order in the background
// (a checkpoint). Readers always see table and changelog merged.
//
// Writes: fill a WriteBatch, hand it to `commit`. One writer thread commits whatever is waiting in one synced
// transaction (group commit), in the order of the calls, and then calls each `done` on the writer thread. Either all of
// a WriteBatch happens or nothing. Reads may be made from any thread and never wait for the writer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.h"
#include "core/status.h"
#include "core/units.h"

namespace penstock {

/// What an epoch changed in a table: the new value of each key, or nothing where the key was erased. Later entries for
/// the same key win.
using Delta = std::vector<std::pair<std::string, std::optional<std::string>>>;

struct LogEntry {
  Offset first;
  uint32_t records = 0;
  Timestamp appended;
  std::string bytes;
};

struct LogRange {
  Offset first;  // oldest offset kept
  Offset next;   // offset that the next record will get
  uint64_t bytes = 0;
};

/// How long a log keeps its entries; whichever limit is met first drops whole entries from the front. Entries past a
/// consumer's position are dropped too: a position older than the log's first offset means that records were lost to it.
struct Retention {
  std::optional<Duration> age;  // by time of append
  std::optional<Bytes> size;    // by partition
};

struct LogOptions {
  uint32_t partitions = 1;
  Retention retention;
};

/// Effects to be committed together, in the order given.
class WriteBatch {
 public:
  /// Offsets are given by the store at commit, in commit order; `done` sees them as `Committed::appended`.
  void append(std::string log, Partition partition, std::string bytes, uint32_t records, Timestamp now);
  void put(std::string table, std::string key, std::string value);
  /// The same, with where the records went: behind `value` comes the first offset (u64, little-endian) of each append of
  /// this batch, in order.
  void put_with_offsets(std::string table, std::string key, std::string value);
  void erase(std::string table, std::string key);
  void append_delta(std::string table, Delta delta);
  void set_position(std::string owner, std::string source, Partition partition, Offset offset);

  struct Append {
    std::string log;
    Partition partition;
    std::string bytes;
    uint32_t records;
    Timestamp now;
  };
  struct Put {
    std::string table;
    std::string key;
    std::optional<std::string> value;
    bool with_offsets = false;
  };
  struct AppendDelta {
    std::string table;
    Delta delta;
  };
  struct SetPosition {
    std::string owner;
    std::string source;
    Partition partition;
    Offset offset;
  };

  /// Told where the records go, on the writer's thread, before anybody can read them: the first offset of each append. The
  /// batch may be refused all the same, or tried again: then it is told anew. May be empty; must be quick.
  std::function<void(const std::vector<Offset>&)> placed;

  std::vector<Append> appends;
  std::vector<Put> puts;
  std::vector<AppendDelta> deltas;
  std::vector<SetPosition> positions;
};

struct Committed {
  Status status;
  std::vector<Offset> appended;  // first offset of each append, in order; empty if status is not ok
};
using CommitDone = std::function<void(const Committed&)>;

struct StoreStats {
  uint64_t used_bytes = 0;  // of the file
  uint64_t map_bytes = 0;   // the disk budget
  uint64_t commits = 0;
  uint64_t readers = 0;
  uint64_t changelog_bytes = 0;  // not yet absorbed
  double last_commit_seconds = 0;
  uint64_t refused = 0;                          // commits that were refused because of the budget or the disk
  uint64_t damaged = 0;                          // reads that met damaged bytes
  uint64_t disk_free_bytes = 0, disk_bytes = 0;  // of the file system; 0: a store in memory
  Status health;                                 // Store::health
};

class Store {
 public:
  virtual ~Store() = default;

  /// Creates the log if it is not there. Errors: failed_precondition if it exists with other partitions.
  virtual Status open_log(const std::string& log, const LogOptions& options) = 0;
  virtual std::vector<std::string> logs() const = 0;
  virtual Result<uint32_t> partitions(const std::string& log) const = 0;

  /// Hands the batch to the writer and returns. `done` is called once, on the writer's thread; it must be quick.
  /// Errors: the batch's own fault (invalid_argument, not_found); resource_exhausted (the disk budget or the disk is full),
  /// unavailable (the disk fails or is read-only), data_loss. Refused, nothing of it happened.
  ///
  /// Taking in (appends without a move of a position, and large puts) stops at the disk budget. Beyond it there is a reserve:
  /// the effects of what was taken in already may use a part of it, deleting and checkpoints the rest, so that room can
  /// always be made.
  virtual void commit(WriteBatch batch, CommitDone done) = 0;
  /// The same, waiting for the result.
  Committed commit_and_wait(WriteBatch batch);

  /// Entries from the one that covers `from` (or the oldest kept, if that is later) in order, until their bytes exceed
  /// `max_bytes` (at least one entry if there is any). Errors: not_found (no such log), data_loss (names log, partition, offset).
  virtual Result<std::vector<LogEntry>> read(const std::string& log, Partition partition, Offset from,
                                             uint64_t max_bytes) const = 0;
  virtual Result<LogRange> range(const std::string& log, Partition partition) const = 0;

  virtual Result<std::optional<std::string>> get(const std::string& table, std::string_view key) const = 0;
  /// All entries with that key prefix, in key order, until `visit` returns false.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Status scan(const std::string& table, std::string_view prefix, const Visit& visit) const = 0;

  virtual Result<std::optional<Offset>> position(const std::string& owner, const std::string& source,
                                                 Partition partition) const = 0;

  /// Calls `wake` on the writer's thread after every commit that appended to `log`, until the returned handle is
  /// destroyed. Destroying the handle waits for a call that is under way.
  using Subscription = std::shared_ptr<void>;
  virtual Subscription subscribe(const std::string& log, std::function<void()> wake) = 0;

  /// Drops what retention no longer keeps, as of `now`. Returns the number of entries dropped.
  virtual Result<uint64_t> retain(Timestamp now) = 0;
  virtual StoreStats stats() const = 0;

  /// Ok, or why commits are refused at the moment: resource_exhausted, only taking in is; anything else, every commit is. The
  /// store looks by itself whether that has passed. Cheap.
  virtual Status health() const = 0;

  /// Writes everything that is committed now to a new file that is a store's data.mdb of its own, without the free pages,
  /// and syncs it; commits go on. `progress` is called with the bytes written so far and may end it with an error.
  /// Returns the bytes. Errors: already_exists, those of the target's disk, failed_precondition (a store in memory).
  using CopyProgress = std::function<Status(uint64_t bytes)>;
  virtual Result<uint64_t> copy_to(const std::string& file, const CopyProgress& progress) const = 0;
};

}  // namespace penstock
