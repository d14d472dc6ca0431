// Numbers distinct keys: a hash map from key bytes to a dense index, with open addressing and linear probing. A new key
// gets the number of one that was erased, or else the next one: 0, 1, 2, ... Not thread safe: one owner, or the owner's
// lock.
//
// Cost: 12 bytes a slot at a load of at most 5/8, plus the key's bytes and 8 more. The bytes of erased keys are given
// back when they are half of all.
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
  /// Keys that are in it.
  size_t size() const { return places_.size() - free_.size(); }
  /// One more than the largest number ever given.
  size_t bound() const { return places_.size(); }

  /// The number of `key`, which is added if it is not there. `hash` is hash_key(key).
  uint32_t insert(std::string_view key, uint64_t hash);
  std::optional<uint32_t> find(std::string_view key, uint64_t hash) const;
  /// Requires: `index` is the number of a key, and `hash` is that key's.
  void erase(uint32_t index, uint64_t hash);
  /// The bytes of key number `index`; valid until the next insert or erase. Requires: has(index).
  std::string_view key(uint32_t index) const {
    const Place place = places_[index];
    return std::string_view(bytes_).substr(place.begin, place.size);
  }
  /// Whether `index` is the number of a key. Requires: below bound().
  bool has(uint32_t index) const { return places_[index].size != kErased; }
  /// Asks the processor to fetch the slot of a key that is looked for soon.
  void prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
  size_t memory() const {
    return slots_.capacity() * sizeof(Slot) + bytes_.capacity() + places_.capacity() * sizeof(Place) +
           free_.capacity() * sizeof(uint32_t);
  }

 private:
  static constexpr uint32_t kFree = ~0U;
  static constexpr uint64_t kErased = (1u << 24) - 1;
  struct Slot {
    uint32_t tag_low = 0, tag_high = 0;  // the hash, so that growing needs no keys
    uint32_t index = kFree;
  };
  struct Place {  // of a key in bytes_
    uint64_t begin : 40;
    uint64_t size : 24;
  };
  static Slot slot_of(uint64_t hash, uint32_t index) {
    return {static_cast<uint32_t>(hash), static_cast<uint32_t>(hash >> 32), index};
  }
  uint64_t home(const Slot& slot) const { return (slot.tag_low | static_cast<uint64_t>(slot.tag_high) << 32) & mask_; }
  bool matches(const Slot& slot, std::string_view text, uint64_t hash) const {
    return slot.tag_low == static_cast<uint32_t>(hash) && slot.tag_high == static_cast<uint32_t>(hash >> 32) &&
           key(slot.index) == text;
  }
  void grow();
  void take_out(uint64_t at);
  void compact();

  std::vector<Slot> slots_;
  uint64_t mask_;
  std::string bytes_;  // all keys, one after the other
  uint64_t dead_bytes_ = 0;
  std::vector<Place> places_;   // by number
  std::vector<uint32_t> free_;  // numbers of erased keys
};

}  // namespace penstock
