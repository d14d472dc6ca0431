// Room for what is about to be written: within the disk budget, and on the disk itself. Disk space is allocated ahead of
// the file's end, so that a full disk is met before a transaction begins, never in the middle of one.
//
// Both keep a reserve. Taking in stops before it; what moves a position (effects of what was taken in already) may use half
// of it; deleting and checkpoints are never asked and have the rest, because LMDB needs new pages for those too. The
// changelog counts twice: the tables must be able to take it over before it goes.
//
// Writer's thread only.
#pragma once

#include <cstdint>
#include <string>

#include "core/status.h"
#include "storage/lmdb_env.h"

namespace penstock {

/// Of a budget of so many bytes, how much the map has beyond it.
uint64_t space_reserve(uint64_t budget);

enum class SpaceUse { kIntake, kEffects };

class LmdbSpace {
 public:
  /// `path`: the store's folder, for messages. Requires: the map has space_reserve(budget) more than the budget.
  LmdbSpace(LmdbEnv& env, std::string path, uint64_t budget);
  /// Gives back what was allocated ahead and not used.
  ~LmdbSpace();
  LmdbSpace(const LmdbSpace&) = delete;

  /// Whether `bytes` more may be written. Errors: resource_exhausted, saying which of the two is full and what to do.
  Status admit(uint64_t bytes, SpaceUse use, uint64_t changelog_bytes);

 private:
  Status within_budget(uint64_t bytes, SpaceUse use, uint64_t changelog_bytes) const;
  Status on_disk(uint64_t bytes, SpaceUse use);

  LmdbEnv& env_;
  const std::string path_;
  const uint64_t budget_, reserve_;
  const uint64_t disk_reserve_;
  uint64_t allocated_ = 0;  // end of what is allocated
  bool allocates_ = true;   // false: the file system cannot
};

}  // namespace penstock
