#include "actors/regions/epoch_ledger.h"

#include <cassert>

namespace penstock {

void EpochLedger::add(std::shared_ptr<EpochPart> part) {
  assert(!epochs_.empty() && part->epoch >= epochs_.front().epoch);
  const uint64_t index = part->epoch.value() - epochs_.front().epoch.value();
  assert(index < epochs_.size());
  epochs_[index].parts.push_back(std::move(part));
}

std::vector<OpenEpoch> EpochLedger::take_complete() {
  std::vector<OpenEpoch> complete;
  while (!epochs_.empty() && epochs_.front().parts.size() == workers_) {
    complete.push_back(std::move(epochs_.front()));
    epochs_.pop_front();
  }
  return complete;
}

uint64_t EpochLedger::open_bytes() const {
  uint64_t total = 0;
  for (const OpenEpoch& epoch : epochs_)
    total += epoch.bytes;
  return total;
}

}  // namespace penstock
