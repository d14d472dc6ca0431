#include "actors/aggregators/key_index.h"

namespace penstock {

KeyIndex::KeyIndex() : slots_(64), mask_(63) {}

uint32_t KeyIndex::insert(std::string_view key_text, uint64_t hash) {
  if ((size() + 1) * 8 > slots_.size() * 5)
    grow();
  uint64_t place = hash & mask_;
  for (; slots_[place].index != kFree; place = (place + 1) & mask_)
    if (matches(slots_[place], key_text, hash))
      return slots_[place].index;
  const auto index = static_cast<uint32_t>(size());
  slots_[place] = slot_of(hash, index);
  bytes_.append(key_text);
  ends_.push_back(bytes_.size());
  return index;
}

std::optional<uint32_t> KeyIndex::find(std::string_view key_text, uint64_t hash) const {
  for (uint64_t place = hash & mask_; slots_[place].index != kFree; place = (place + 1) & mask_)
    if (matches(slots_[place], key_text, hash))
      return slots_[place].index;
  return std::nullopt;
}

void KeyIndex::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.index == kFree)
      continue;
    uint64_t place = slot.tag_low & mask_;
    if (mask_ > ~0U)
      place = (slot.tag_low | static_cast<uint64_t>(slot.tag_high) << 32) & mask_;
    while (slots_[place].index != kFree)
      place = (place + 1) & mask_;
    slots_[place] = slot;
  }
}

}  // namespace penstock
