// Retention over all logs of a store: drops what each log no longer keeps, in slices between the commits.
#pragma once

#include <cstdint>

#include "core/status.h"
#include "storage/lmdb_env.h"
#include "storage/lmdb_state.h"
#include "storage/lmdb_writer.h"

namespace penstock {

/// Any thread but the writer's `done` calls; the work is done on the writer's thread. Returns the number of entries dropped.
/// Works when the disk budget or the disk is full: deleting has a reserve (lmdb_space.h) and is done in smaller slices then.
Result<uint64_t> retain_logs(LmdbEnv& env, LmdbState& state, LmdbWriter& writer, Timestamp now);

}  // namespace penstock
