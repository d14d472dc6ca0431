// Where a batch run keeps what it must not lose: a record of itself in the table `batch.runs`, and in a table of its own,
// `batch.RUN`, its shards, its finished tasks and their outputs. What a run writes as a view's new version is the table
// `VIEW#NUMBER`; the table `batch.views` says which version of a view is the present one (none: the table named as the view).
//
//   batch.views   view                                  → version:u8 (1) number:u64
//   batch.runs    view 0x00 number:u64                  → version:u8 (1) purpose:u8 state:u8 definition:u64
//                                                         started:i64 ended:i64 resumed:u32 done:u64 keys:u64 differences:u64
//                                                         text owner, text message
//   batch.RUN     's' shard:u32                         → version:u8 (1) partition:u32 from:u64 to:u64 text log
//                 'm' shard:u32                         → version:u8 (1) attempt:u32 records:u64 rejected:u64 runs:u32
//                                                         { blocks:u32 }*           one a part, run after run
//                 'r' part:u32                          → version:u8 (1) shards:u32 keys:u64
//                 'o' shard:u32 attempt:u32 run:u32 part:u32 block:u32 → a block of entries (entry_blocks.h)
// Numbers in keys are big-endian, in values little-endian; a text is its length:u32 and its bytes. `done` counts the tasks that
// were finished when the run was resumed for the last time, `resumed` how often it was since then.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/servers/batch_desk.h"
#include "core/ids.h"
#include "storage/store.h"

namespace penstock {

inline constexpr const char* kBatchRuns = "batch.runs";
inline constexpr const char* kBatchViews = "batch.views";

/// A part of a log's partition: records [from, to).
struct Shard {
  std::string log;
  Partition partition;
  Offset from, to;
  bool operator==(const Shard&) const = default;
};

/// What a finished map task has left: runs of sorted entries, each in parts, each in blocks.
struct MapOutput {
  uint32_t attempt = 0;
  uint64_t records = 0;
  uint64_t rejected = 0;
  std::vector<std::vector<uint32_t>> blocks;  // by run, by part
};

struct ReduceOutput {
  uint32_t shards = 0;  // that were merged
  uint64_t keys = 0;
};

enum class BatchState : uint8_t { kUnderWay = 1, kDone = 2, kFailed = 3, kCancelled = 4 };

struct BatchRecord {
  std::string view;
  uint64_t number = 0;
  BatchPurpose purpose = BatchPurpose::kLand;
  BatchState state = BatchState::kUnderWay;
  uint64_t definition = 0;
  Timestamp started, ended;
  uint32_t resumed = 0;
  uint64_t done = 0;
  uint64_t keys = 0;
  uint64_t differences = 0;
  std::string owner, message;

  std::string id() const { return view + "-" + std::to_string(number); }
  std::string outputs() const { return "batch." + id(); }                     // the run's own table
  std::string result() const { return view + "#" + std::to_string(number); }  // the version that it writes
};

std::string run_key(const BatchRecord& record);
std::string encode_run(const BatchRecord& record);
/// Errors of each decode: data_loss.
Result<BatchRecord> decode_run(std::string_view key, std::string_view value);

std::string shard_key(uint32_t shard);
std::string encode_shard(const Shard& shard);
Result<Shard> decode_shard(std::string_view value);
std::string map_key(uint32_t shard);
std::string encode_map(const MapOutput& output);
/// `parts`: of each run.
Result<MapOutput> decode_map(std::string_view value, uint32_t parts);
std::string reduce_key(uint32_t part);
std::string encode_reduce(const ReduceOutput& output);
Result<ReduceOutput> decode_reduce(std::string_view value);
std::string block_key(uint32_t shard, uint32_t attempt, uint32_t run, uint32_t part, uint32_t block);

/// The table that holds a component's present state. Errors: of the store; data_loss.
Result<std::string> present_table(const Store& store, const std::string& component);
/// What makes version `number` the present one, as the value of the key `view` of kBatchViews.
std::string encode_present(uint64_t number);

}  // namespace penstock
