#include "actors/regions/batch_cache.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr const char* kPart = "batch_cache";
constexpr uint64_t kShare = 8;  // of the node's memory, at most one part in so many

}  // namespace

void BatchCache::account(MemoryBudget& memory) {
  if (memory.limit() > 0)
    max_bytes_ = std::min(max_bytes_, memory.limit() / kShare);
  memory_ = &memory;
  subscription_ = memory.on_exceeded([this] { drop_all(); });
}

void BatchCache::drop_oldest() {
  batches_.erase(order_.front().first);
  bytes_ -= order_.front().second;
  order_.pop_front();
}

void BatchCache::drop_all() {
  uint64_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    for (dropped = bytes_; !order_.empty();)
      drop_oldest();
  }
  memory_->add(kPart, -dropped);
}

void BatchCache::put(const std::string& log, Partition partition, Offset first, BatchPtr batch) {
  const uint64_t size = batch->memory();
  if (is_full())
    return;
  uint64_t grown = 0;
  {
    const std::lock_guard lock(mutex_);
    Key key{log, partition.value(), first.value()};
    if (!batches_.emplace(key, std::move(batch)).second)
      return;
    const uint64_t before = bytes_;
    order_.emplace_back(std::move(key), size);
    bytes_ += size;
    while (bytes_ > max_bytes_ && order_.size() > 1)
      drop_oldest();
    grown = bytes_ - before;  // modulo 2^64
  }
  if (memory_)
    memory_->add(kPart, grown);
}

BatchPtr BatchCache::get(const std::string& log, Partition partition, Offset first) const {
  const std::lock_guard lock(mutex_);
  const auto found = batches_.find(Key{log, partition.value(), first.value()});
  return found == batches_.end() ? nullptr : found->second;
}

}  // namespace penstock
