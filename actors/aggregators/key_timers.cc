#include "actors/aggregators/key_timers.h"

#include <algorithm>
#include <functional>

namespace penstock {
namespace {

constexpr std::string_view kPrefix = "\xfe";
constexpr uint64_t kSignBit = 1ULL << 63;
constexpr size_t kTimeEnd = 9;

std::string entry_key(int64_t due, std::string_view key) {
  std::string out(kPrefix);
  const uint64_t ordered = static_cast<uint64_t>(due) ^ kSignBit;
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>(ordered >> shift & 0xff);
  return out.append(key);
}

int64_t due_of(std::string_view entry) {
  uint64_t ordered = 0;
  for (size_t i = 1; i < kTimeEnd; ++i)
    ordered = ordered << 8 | static_cast<unsigned char>(entry[i]);
  return static_cast<int64_t>(ordered ^ kSignBit);
}

}  // namespace

void KeyTimers::enqueue(uint32_t slot, int64_t due) {
  queued_[slot] = due;
  queue_.emplace_back(due, slot);
  std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
}

void KeyTimers::set(uint32_t slot, std::optional<int64_t> due) {
  if (slot >= due_.size()) {
    due_.resize(slot + 1, kNever);
    queued_.resize(slot + 1, kNever);
  }
  due_[slot] = due.value_or(kNever);
  if (due_[slot] < queued_[slot])  // else it is looked at early, and set right then
    enqueue(slot, due_[slot]);
}

std::vector<uint32_t> KeyTimers::take_due(int64_t now) {
  std::vector<uint32_t> slots;
  while (!queue_.empty() && queue_.front().first <= now) {
    std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
    const auto [time, slot] = queue_.back();
    queue_.pop_back();
    if (queued_[slot] != time)
      continue;
    queued_[slot] = kNever;
    if (due_[slot] <= now)
      slots.push_back(slot);
    else if (due_[slot] != kNever)
      enqueue(slot, due_[slot]);
  }
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

Status KeyTimers::open(const StoredKeys& stored) {
  return stored.scan_of_all(
      [this](std::string_view entry, std::string_view) {
        if (entry.size() > kTimeEnd)
          next_stored_ = due_of(entry);
        return entry.size() <= kTimeEnd;
      },
      kPrefix);
}

void KeyTimers::leave(std::string_view key, int64_t due, Delta& changes) {
  changes.emplace_back(entry_key(due, key), std::string());
  left_.push_back({epoch_, due, std::string(key)});
  next_stored_ = std::min(next_stored_, due);
}

Status KeyTimers::leave_at_start(std::string_view key, int64_t due, const StoredKeys& stored) {
  PENSTOCK_ASSIGN(const auto there, stored.get(entry_key(due, key)));
  if (!there)
    leave(key, due, changes_);
  return ok();
}

Result<std::vector<std::string>> KeyTimers::take_due_keys(int64_t now, const StoredKeys& stored) {
  std::vector<std::string> keys;
  if (next_stored_ > now)
    return keys;
  next_stored_ = kNever;
  PENSTOCK_TRY(stored.scan_of_all(
      [&](std::string_view entry, std::string_view) {
        if (entry.size() <= kTimeEnd)
          return true;
        if (const int64_t due = due_of(entry); due > now) {
          next_stored_ = due;
          return false;
        }
        if (stored.owns(entry.substr(kTimeEnd))) {
          keys.emplace_back(entry.substr(kTimeEnd));
          changes_.emplace_back(std::string(entry), std::nullopt);
        }
        return true;
      },
      kPrefix));
  for (const Left& left : left_) {
    if (left.due > now) {
      next_stored_ = std::min(next_stored_, left.due);
      continue;
    }
    keys.push_back(left.key);
    changes_.emplace_back(entry_key(left.due, left.key), std::nullopt);
  }
  std::erase_if(left_, [&](const Left& left) { return left.due <= now; });
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

void KeyTimers::append_changes(Delta& changes) {
  std::move(changes_.begin(), changes_.end(), std::back_inserter(changes));
  changes_.clear();
}

void KeyTimers::committed(uint64_t epochs) {
  while (!left_.empty() && left_.front().epoch <= epochs)
    left_.pop_front();
}

std::optional<int64_t> KeyTimers::next() const {
  const int64_t first = queue_.empty() ? next_stored_ : std::min(next_stored_, queue_.front().first);
  return first == kNever ? std::nullopt : std::optional(first);
}

}  // namespace penstock
