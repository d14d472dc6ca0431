// The checkpoint: takes what the changelog holds over into the tables, in key order and in slices, then drops those
// changelog entries. Writer's thread only; other commits may run between slices.
//
// Safe to stop or be killed at any point: until all of a checkpoint's changes are in the tables its changelog entries stay,
// and taking them over once more gives the same tables; then the entries go, oldest first, so that the last change
// of a key is always the last one to go.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/lmdb_env.h"
#include "storage/lmdb_state.h"

namespace penstock {

class LmdbCheckpoint {
 public:
  LmdbCheckpoint(LmdbEnv& env, LmdbState& state) : env_(env), state_(state) {}

  bool active() const { return !work_.empty() || dropping_; }
  /// Takes on all that is in the changelog now. Requires: not active.
  void begin();
  /// One transaction of at most `most` changes or changelog entries. Errors: as a commit; the slice is then tried again.
  Status step(size_t most);

 private:
  struct Work {
    std::string table;
    uint32_t id;
    SegmentPtr changes;
  };
  Status absorb(size_t most);
  Status drop(size_t most);
  void publish(bool finished, uint64_t dropped_bytes);

  LmdbEnv& env_;
  LmdbState& state_;
  std::vector<Work> work_;
  size_t table_ = 0, change_ = 0;  // the next change to take over
  uint64_t through_ = 0;           // newest changelog entry of this checkpoint
  bool dropping_ = false;
};

}  // namespace penstock
