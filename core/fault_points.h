// Named places at which a fault can be switched on, to try what happens: an error, a delay, the death of the process.
// Compiled into every build and off unless switched on, by PENSTOCK_FAULTS or by a test; an unused point costs one load of
// an atomic. One set of switches for the process, by its nature. Thread safe, except for set_faults and clear_faults,
// which are called while nothing else runs.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/status.h"

namespace penstock {

enum class FaultPoint : uint8_t {
  kSourceRead,
  kIngestAnswer,
  kStageProcess,
  kRegionCommit,
  kSinkWrite,
  kSinkSync,
  kTrain,
  kServe,
  kStoreWrite,
  kStoreSync,
  kStoreCommitted,
  kStoreRead,
  kCheckpoint,
  kRetain,
  kBackup,
  kBatchMap,
  kBatchReduce,
  kBatchLand,
};

struct FaultPointInfo {
  FaultPoint point;
  std::string_view name;
  std::string_view meaning;
};

inline constexpr std::array kFaultPoints = {
    FaultPointInfo{FaultPoint::kSourceRead, "source.read", "before a source reads from the outside"},
    FaultPointInfo{FaultPoint::kIngestAnswer, "ingest.answer", "after taken-in records are durable, before the answer"},
    FaultPointInfo{FaultPoint::kStageProcess, "stage.process", "before a worker of a region handles a batch"},
    FaultPointInfo{FaultPoint::kRegionCommit, "region.commit", "before a region hands an epoch to the store"},
    FaultPointInfo{FaultPoint::kSinkWrite, "sink.write", "before a sink takes a batch outside"},
    FaultPointInfo{FaultPoint::kSinkSync, "sink.sync", "after a sink has written, before it confirms"},
    FaultPointInfo{FaultPoint::kTrain, "train", "when a training begins"},
    FaultPointInfo{FaultPoint::kServe, "serve", "before an HTTP request is handled"},
    FaultPointInfo{FaultPoint::kStoreWrite, "store.write", "inside a transaction, before its effects are written"},
    FaultPointInfo{FaultPoint::kStoreSync, "store.sync", "after the effects are written, before they are synced"},
    FaultPointInfo{FaultPoint::kStoreCommitted, "store.committed", "after the sync, before anybody is told"},
    FaultPointInfo{FaultPoint::kStoreRead, "store.read", "before entries of a log are read"},
    FaultPointInfo{FaultPoint::kCheckpoint, "store.checkpoint", "before a table absorbs its changelog"},
    FaultPointInfo{FaultPoint::kRetain, "store.retain", "before a log drops what is past its retention"},
    FaultPointInfo{FaultPoint::kBackup, "store.backup", "while a live backup is written"},
    FaultPointInfo{FaultPoint::kBatchMap, "batch.map", "before a task of a batch run maps a batch"},
    FaultPointInfo{FaultPoint::kBatchReduce, "batch.reduce", "before a task of a batch run writes merged keys"},
    FaultPointInfo{FaultPoint::kBatchLand, "batch.land", "before a worker of a view lands a batch run"},
};

/// Switches faults on: `POINT:ACTION[:WHEN]` with commas between. ACTION: `fail`, `crash` (the process kills itself as
/// SIGKILL would), `delay=DURATION`. WHEN: a probability such as `0.01`, or `@N` for the N-th time only; default always.
/// `seed` decides the draws. Errors: invalid_argument, naming the part and what would be right; then nothing is changed.
Status set_faults(std::string_view spec, uint64_t seed);
void clear_faults();

namespace fault_detail {
extern std::atomic<bool> any_on;
Status hit_slowly(FaultPoint point);
}  // namespace fault_detail

/// Called where the point is. Ok unless the point is switched on to fail: then unavailable, naming the point.
inline Status hit(FaultPoint point) {
  return fault_detail::any_on.load(std::memory_order_relaxed) ? fault_detail::hit_slowly(point) : ok();
}

}  // namespace penstock
