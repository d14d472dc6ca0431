// The walk over a table as readers see it: its stored entries with its changelog laid over them, in key order, nothing copied.
#pragma once

#include <string_view>

#include "storage/lmdb_env.h"
#include "storage/lmdb_state.h"

namespace penstock {

/// Requires: `table` and `read` are of the same transaction. Errors: data_loss.
Status scan_merged(const LmdbRead& read, const LmdbEnv& env, const LmdbTable& table, std::string_view name,
                   std::string_view prefix, const Store::Visit& visit);

}  // namespace penstock
