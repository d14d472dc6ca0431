// One LMDB write transaction over any number of prepared batches, and what it will change in LmdbState if it commits.
// Writer's thread only. Destroyed without a commit it has changed nothing.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/lmdb_env.h"
#include "storage/lmdb_state.h"
#include "storage/prepared_batch.h"

namespace penstock {

class LmdbTransaction {
 public:
  /// Requires: env and state outlive it; nobody else changes the state meanwhile.
  static Result<LmdbTransaction> begin(LmdbEnv& env, LmdbState& state);

  /// Requires: the batch's own status is ok. After an error the transaction must be dropped.
  /// Errors: resource_exhausted, data_loss, unavailable.
  Result<std::vector<Offset>> apply(const PreparedBatch& prepared);
  /// Commits, then publishes the new state. `batches` is how many to count. Errors: as apply; then nothing has changed.
  Status commit(uint64_t batches);

 private:
  LmdbTransaction(LmdbEnv& env, LmdbState& state, LmdbWrite write);
  Result<Offset> append(const WriteBatch::Append& append, uint64_t hash);
  Status apply_puts(const std::vector<WriteBatch::Put>& puts, const std::vector<Offset>& offsets);
  Status append_delta(const PreparedDelta& delta);
  Result<LmdbTable*> table(const std::string& name);

  LmdbEnv* env_;
  LmdbState* state_;
  LmdbWrite write_;
  std::map<std::pair<LmdbLog*, uint32_t>, LmdbPartition> partitions_;  // the changed ones
  std::map<std::string, LmdbTable> tables_;                            // the touched ones
  uint32_t next_table_;
  uint64_t next_sequence_;
  uint64_t changelog_bytes_ = 0;  // added
};

}  // namespace penstock
