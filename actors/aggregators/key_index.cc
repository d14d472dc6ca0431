#include "actors/aggregators/key_index.h"

namespace penstock {
namespace {

constexpr uint64_t kLeastDeadBytes = 4096;

}  // namespace

KeyIndex::KeyIndex() : slots_(64), mask_(63) {}

uint32_t KeyIndex::insert(std::string_view key_text, uint64_t hash) {
  if ((size() + 1) * 8 > slots_.size() * 5)
    grow();
  uint64_t at = hash & mask_;
  for (; slots_[at].index != kFree; at = (at + 1) & mask_)
    if (matches(slots_[at], key_text, hash))
      return slots_[at].index;
  const Place place{bytes_.size(), key_text.size()};
  auto index = static_cast<uint32_t>(places_.size());
  if (free_.empty()) {
    places_.push_back(place);
  } else {
    index = free_.back();
    free_.pop_back();
    places_[index] = place;
  }
  slots_[at] = slot_of(hash, index);
  bytes_.append(key_text);
  return index;
}

std::optional<uint32_t> KeyIndex::find(std::string_view key_text, uint64_t hash) const {
  for (uint64_t at = hash & mask_; slots_[at].index != kFree; at = (at + 1) & mask_)
    if (matches(slots_[at], key_text, hash))
      return slots_[at].index;
  return std::nullopt;
}

void KeyIndex::erase(uint32_t index, uint64_t hash) {
  uint64_t at = hash & mask_;
  while (slots_[at].index != index)
    at = (at + 1) & mask_;
  take_out(at);
  dead_bytes_ += places_[index].size;
  places_[index] = {0, kErased};
  free_.push_back(index);
  if (dead_bytes_ > kLeastDeadBytes && dead_bytes_ * 2 > bytes_.size())
    compact();
}

// The slots behind move up as far as they may, so that no search ends at a gap before its key. Source: Knuth, The Art of
// Computer Programming, volume 3, 6.4, algorithm R.
void KeyIndex::take_out(uint64_t at) {
  uint64_t gap = at;
  for (uint64_t next = (gap + 1) & mask_; slots_[next].index != kFree; next = (next + 1) & mask_) {
    const uint64_t from_home = (next - home(slots_[next])) & mask_;
    if (from_home >= ((next - gap) & mask_)) {
      slots_[gap] = slots_[next];
      gap = next;
    }
  }
  slots_[gap] = {};
}

void KeyIndex::compact() {
  std::string kept;
  kept.reserve(bytes_.size() - dead_bytes_);
  for (uint32_t index = 0; index < places_.size(); ++index) {
    if (!has(index))
      continue;
    const std::string_view text = key(index);
    places_[index].begin = kept.size();
    kept.append(text);
  }
  bytes_ = std::move(kept);
  dead_bytes_ = 0;
}

void KeyIndex::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.index == kFree)
      continue;
    uint64_t at = home(slot);
    while (slots_[at].index != kFree)
      at = (at + 1) & mask_;
    slots_[at] = slot;
  }
}

}  // namespace penstock
