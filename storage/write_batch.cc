#include <condition_variable>
#include <mutex>

#include "storage/store.h"

namespace penstock {

void WriteBatch::append(std::string log, Partition partition, std::string bytes, uint32_t records, Timestamp now) {
  appends.push_back({std::move(log), partition, std::move(bytes), records, now});
}

void WriteBatch::put(std::string table, std::string key, std::string value) {
  puts.push_back({std::move(table), std::move(key), std::move(value)});
}

void WriteBatch::put_with_offsets(std::string table, std::string key, std::string value) {
  puts.push_back({std::move(table), std::move(key), std::move(value), true});
}

void WriteBatch::erase(std::string table, std::string key) {
  puts.push_back({std::move(table), std::move(key), std::nullopt});
}

void WriteBatch::append_delta(std::string table, Delta delta) {
  deltas.push_back({std::move(table), std::move(delta)});
}

void WriteBatch::set_position(std::string owner, std::string source, Partition partition, Offset offset) {
  positions.push_back({std::move(owner), std::move(source), partition, offset});
}

Committed Store::commit_and_wait(WriteBatch batch) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<Committed> result;
  commit(std::move(batch), [&](const Committed& committed) {
    // Notified under the lock: the waiting thread's stack, which holds all of this, may be gone right after it.
    std::lock_guard lock(mutex);
    result = committed;
    arrived.notify_one();
  });
  std::unique_lock lock(mutex);
  arrived.wait(lock, [&] { return result.has_value(); });
  return std::move(*result);
}

}  // namespace penstock
