// Numbers distinct keys 0, 1, 2, ... in the order of their first insert: a hash map from key bytes to a dense index,
// with open addressing and linear probing. Keys are never taken out. Not thread safe: one owner, or the owner's lock.
//
// Cost: 12 bytes a slot at a load of at most 5/8, plus the key's bytes and an 8-byte offset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

class KeyIndex {
 public:
  static constexpr size_t kMostKeys = ~0U - 1;

  KeyIndex();
  size_t size() const { return ends_.size() - 1; }

  /// The number of `key`; a key that is not there is added with the number size(). `hash` is hash_key(key).
  uint32_t insert(std::string_view key, uint64_t hash);
  std::optional<uint32_t> find(std::string_view key, uint64_t hash) const;
  /// The bytes of key number `index`; valid until the next insert.
  std::string_view key(uint32_t index) const {
    return std::string_view(bytes_).substr(ends_[index], ends_[index + 1] - ends_[index]);
  }
  /// Asks the processor to fetch the slot of a key that is looked for soon.
  void prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
  size_t memory() const { return slots_.capacity() * sizeof(Slot) + bytes_.capacity() + ends_.capacity() * 8; }

 private:
  static constexpr uint32_t kFree = ~0U;
  struct Slot {
    uint32_t tag_low = 0, tag_high = 0;  // the hash, so that growing needs no keys
    uint32_t index = kFree;
  };
  static Slot slot_of(uint64_t hash, uint32_t index) {
    return {static_cast<uint32_t>(hash), static_cast<uint32_t>(hash >> 32), index};
  }
  bool matches(const Slot& slot, std::string_view text, uint64_t hash) const {
    return slot.tag_low == static_cast<uint32_t>(hash) && slot.tag_high == static_cast<uint32_t>(hash >> 32) &&
           key(slot.index) == text;
  }
  void grow();

  std::vector<Slot> slots_;
  uint64_t mask_;
  std::string bytes_;                 // all keys, one after the other
  std::vector<uint64_t> ends_ = {0};  // key i is bytes [ends_[i], ends_[i + 1])
};

}  // namespace penstock
