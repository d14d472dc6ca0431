// A task of a batch run: a piece of work that any worker can do, in steps, so that between them it can be cancelled and others
// come in. What it has done is recorded with its last write; a task that is begun again does the same again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/batch/entry_blocks.h"
#include "actors/batch/run_tables.h"
#include "actors/batch/view_flow.h"
#include "actors/regions/set_aside.h"
#include "core/clock.h"
#include "storage/store.h"

namespace penstock {

struct BatchLimits {
  uint32_t workers = 1;
  uint64_t shard_records = 131'072;
  uint64_t most_shards = 1024;      // of what there is at the start: shards grow with the logs
  uint32_t parts = 8;               // that a shuffle has, by hash of the key
  size_t memory = 32u << 20;        // bytes that a task holds, about, before it writes a run
  size_t write_bytes = 2u << 20;    // of a transaction, about
  uint64_t compared_keys = 50'000;  // at the end of one epoch, about
  uint32_t attempts = 5;            // of a task, before the run fails
  uint32_t eras = 20;               // of a run
  Duration patience{60'000'000};    // with a worker that does not get on, before its task is given to another
  Duration keep_unfinished{7 * 86'400'000'000};  // outputs of a run that nobody resumes

  /// So that as many runs as can be expected are merged within the memory.
  size_t block_bytes(size_t shards) const {
    const size_t fits = memory / (2 * (shards + 1));
    return fits < 4096 ? 4096 : fits > 65'536 ? 65'536 : fits;
  }
};

class BatchTask {
 public:
  struct Step {
    std::optional<WriteBatch> write;  // to be committed before the next step
    bool finished = false;            // once that is done
  };
  virtual ~BatchTask() = default;
  /// Errors: the task failed; it may be begun again.
  virtual Result<Step> step() = 0;
};

/// What every task of a run works with. Outlives its tasks.
struct RunContext {
  ViewPlan plan;
  Store* store;
  const Clock* clock;
  std::string outputs;  // the run's own table
  std::string result;   // the table of the view's new version
  BatchLimits limits;
  /// Records that never reached the view, because they made their region fail and were set aside.
  SetAside set_aside = {};
};

/// Runs a shard through the stages before the view, and leaves its entries as sorted runs, each divided into parts.
std::unique_ptr<BatchTask> make_map_task(const RunContext& run, uint32_t number, Shard shard, uint32_t attempt,
                                         size_t shards);

/// The output of a shard's task, to be merged.
struct MapPart {
  uint32_t shard;
  uint32_t attempt;
  std::vector<uint32_t> blocks;  // of each run, in the part
};
/// Merges one part of all shards, given in the order in which their rows came, into the new version.
std::unique_ptr<BatchTask> make_reduce_task(const RunContext& run, uint32_t part, std::vector<MapPart> outputs);

/// Erases all that is in the tables.
std::unique_ptr<BatchTask> make_erase_task(const Store& store, std::vector<std::string> tables);

}  // namespace penstock
