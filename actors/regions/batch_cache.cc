#include "actors/regions/batch_cache.h"

namespace penstock {

void BatchCache::put(const std::string& log, Partition partition, Offset first, BatchPtr batch) {
  const uint64_t size = batch->memory();
  const std::lock_guard lock(mutex_);
  Key key{log, partition.value(), first.value()};
  if (!batches_.emplace(key, std::move(batch)).second)
    return;
  order_.emplace_back(std::move(key), size);
  bytes_ += size;
  while (bytes_ > max_bytes_ && order_.size() > 1) {
    batches_.erase(order_.front().first);
    bytes_ -= order_.front().second;
    order_.pop_front();
  }
}

BatchPtr BatchCache::get(const std::string& log, Partition partition, Offset first) const {
  const std::lock_guard lock(mutex_);
  const auto found = batches_.find(Key{log, partition.value(), first.value()});
  return found == batches_.end() ? nullptr : found->second;
}

}  // namespace penstock
