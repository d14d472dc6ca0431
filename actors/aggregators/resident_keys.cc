#include "actors/aggregators/resident_keys.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr size_t kLeast = 1 << 20;  // what an aggregator keeps however full the node is, unless its own limit is less
constexpr size_t kKeysAReport = 1024;

}  // namespace

topology::Property memory_property(const std::string& keys) {
  return {.name = "memory",
          .kind = topology::Kind::kBytes,
          .meaning = "Memory for the " + keys +
                     ", of all workers together: beyond it they are left on disk, those used longest ago first. By "
                     "default as much "
                     "as the node's budget allows.",
          .minimum = 1024};
}

Status ResidentKeys::open(StoredKeys stored, MemoryShare share, const Entry& restore, const Entry& pass) {
  stored_ = std::move(stored);
  share_ = std::move(share);
  size_t taken = 0;
  Status status;
  PENSTOCK_TRY(stored_->scan([&](std::string_view key, std::string_view value) {
    complete_ = complete_ && has_room();
    if (!complete_ && !pass)
      return false;
    status = complete_ ? restore(key, value) : pass(key, value);
    if (++taken % kKeysAReport == 0)
      report();
    return status.ok();
  }));
  report();
  return status;
}

void ResidentKeys::reopen(StoredKeys stored) {
  index_ = KeyIndex();
  touched_at_.clear();
  bytes_.clear();
  key_bytes_ = owner_bytes_ = 0;
  stored_ = std::move(stored);
  complete_ = false;
}

uint32_t ResidentKeys::insert(std::string_view key, uint64_t hash) {
  const size_t before = index_.size();
  const uint32_t slot = index_.insert(key, hash);
  if (index_.size() == before)
    return slot;
  if (slot == bytes_.size()) {
    bytes_.push_back(0);
    touched_at_.push_back(0);
  }
  bytes_[slot] = 0;
  touched_at_[slot] = 0;
  key_bytes_ += key.size();
  return slot;
}

void ResidentKeys::set_bytes(uint32_t slot, size_t bytes) {
  owner_bytes_ += bytes - bytes_[slot];  // modulo 2^64
  bytes_[slot] = static_cast<uint32_t>(bytes);
}

void ResidentKeys::end_epoch() {
  touched_.clear();
  ++epoch_;
}

// Below kLeast the node has to look elsewhere.
bool ResidentKeys::node_is_full() const { return memory() > kLeast && share_.node_is_full && share_.node_is_full(); }

bool ResidentKeys::has_room() const {
  return !node_is_full() && (share_.limit == 0 || memory() <= share_.limit / 8 * 7);
}

Result<ResidentKeys::Entries> ResidentKeys::fetch_missing(std::vector<std::string_view> keys) const {
  std::sort(keys.begin(), keys.end());  // the table is sorted: neighbours are on the same page
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  Entries found;
  for (const std::string_view key : keys) {
    PENSTOCK_ASSIGN(auto value, stored_->get(key));
    if (value)
      found.emplace_back(key, std::move(*value));
  }
  return found;
}

// Bytes to hold no more: down to an eighth below the limit, or by a quarter where the node is full.
size_t ResidentKeys::wanted() const {
  const size_t used = memory();
  size_t keep = used;
  if (share_.limit > 0 && used > share_.limit)
    keep = share_.limit / 8 * 7;
  if (node_is_full())
    keep = std::min(keep, std::max(kLeast, used / 4 * 3));
  return used - keep;
}

std::vector<uint32_t> ResidentKeys::to_spill() const {
  const size_t bytes = stored_ ? wanted() : 0;
  if (bytes == 0)
    return {};
  std::vector<uint32_t> cold;
  for (uint32_t slot = 0; slot < slots(); ++slot)
    if (index_.has(slot) && touched_at_[slot] <= committed_)
      cold.push_back(slot);
  // So many of the coldest as are likely enough go before the others; then as many of these as are needed.
  const auto colder = [this](uint32_t a, uint32_t b) {
    return touched_at_[a] != touched_at_[b] ? touched_at_[a] < touched_at_[b] : a < b;
  };
  size_t taken = 0, freed = 0;
  while (taken < cold.size() && freed < bytes) {
    const size_t usual = std::max<size_t>(1, memory() / std::max<size_t>(1, size()));
    const size_t next = std::min(cold.size(), taken + (bytes - freed) / usual + 1);
    if (next < cold.size())
      std::nth_element(cold.begin() + static_cast<ptrdiff_t>(taken), cold.begin() + static_cast<ptrdiff_t>(next),
                       cold.end(), colder);
    for (; taken < next; ++taken)
      freed += bytes_of(cold[taken]);
  }
  cold.resize(taken);
  return cold;
}

void ResidentKeys::erase(uint32_t slot) {
  forget(slot);
  complete_ = false;
}

void ResidentKeys::forget(uint32_t slot) {
  const std::string_view key = index_.key(slot);
  key_bytes_ -= key.size();
  set_bytes(slot, 0);
  index_.erase(slot, hash_key(key));
}

void ResidentKeys::report() const {
  if (share_.report)
    share_.report(memory());
  if (share_.is_overdrawn)
    share_.is_overdrawn(share_.limit > 0 && memory() > share_.limit);
}

}  // namespace penstock
