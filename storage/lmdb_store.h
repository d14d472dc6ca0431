// The durable Store: one LMDB environment in a folder. What is in the folder is described in FORMAT.md.
//
// Thread safe, as Store says. One process, one opening: the folder is locked. Destroying the store commits what is queued
// first. Memory: about the changelog's bytes. While a `scan` runs, the pages it may see cannot be used again, so its
// `visit` should be quick.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/status.h"
#include "core/units.h"
#include "storage/store.h"

namespace penstock {

/// One synced transaction.
struct CommitFigures {
  double seconds;
  uint64_t bytes;    // handed to the store
  uint64_t batches;  // that share it
};

enum class Durability {
  kFull,     // an acknowledged commit survives the loss of power: two disk syncs a transaction
  kRelaxed,  // one disk sync; losing power may undo the last transaction, but never breaks the store or tears a commit
};

struct LmdbOptions {
  std::string path;  // of the folder; created if need be
  /// The disk budget and the address space reserved. Nothing is written in advance.
  uint64_t map_bytes = 1ull << 40;
  Durability durability = Durability::kFull;
  /// A transaction takes no more waiting batches once it has this much.
  uint64_t transaction_bytes = 64ull << 20;
  /// A checkpoint begins when the changelog is longer than this, or after the interval if it is not empty.
  uint64_t changelog_bytes = 16ull << 20;
  Duration checkpoint_interval = {60'000'000};
  Duration reader_check_interval = {60'000'000};
  const Clock* clock = &Clock::system();  // for measuring
  /// Called on the writer's thread after each transaction that took batches; must be quick.
  std::function<void(const CommitFigures&)> on_commit = {};
};

class LmdbStore {
 public:
  /// Errors: already_exists (open elsewhere, with the process id), failed_precondition (no permission, not a folder, other
  /// format version), resource_exhausted (disk, address space), data_loss (not a store, damaged).
  static Result<std::unique_ptr<Store>> open(const LmdbOptions& options);
};

}  // namespace penstock
