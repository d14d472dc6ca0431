// The copy of a whole environment while it is in use: one snapshot, without the free pages.
#pragma once

#include <string>

#include "storage/lmdb_env.h"
#include "storage/store.h"

namespace penstock {

/// As Store::copy_to. On an error the file is removed again. Any thread. While it runs it holds a read transaction, so pages
/// freed meanwhile are not used again: the live file grows by about what is committed during the copy.
Result<uint64_t> copy_env(const LmdbEnv& env, const std::string& file, const Store::CopyProgress& progress);

}  // namespace penstock
