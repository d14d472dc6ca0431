#include "actors/aggregators/aggregator.h"

namespace penstock {

Status Aggregator::open(StoredKeys stored, MemoryShare) {
  Status status;
  PENSTOCK_TRY(stored.scan([&](std::string_view key, std::string_view value) {
    status = restore(key, value);
    return status.ok();
  }));
  return status;
}

}  // namespace penstock
