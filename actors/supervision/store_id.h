// The name of a node's store, by which others tell it from all stores that ever were: made when the store is first used and
// kept in it. A copy of the store, such as a restored backup, has the same name, and takes the place of the original.
#pragma once

#include <string>

#include "core/status.h"
#include "storage/store.h"

namespace penstock {

/// 16 hex digits. Waits for a commit at the first call. Errors: of the store.
Result<std::string> store_id(Store& store);

}  // namespace penstock
