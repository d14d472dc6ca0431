// Which records a region has set aside because they made it fail: they never reached what is behind it, nor may they when
// history is read again. (Rows that a stage rejected are no such: it rejects them again.)
//
//   table := "set_aside"
//   owner 0x00 log 0x00 partition:u32 offset:u64 → nothing          numbers are big-endian
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/ids.h"
#include "storage/bytes.h"
#include "storage/store.h"

namespace penstock {

inline constexpr const char* kSetAsideTable = "set_aside";

inline std::string set_aside_key(const std::string& owner, const std::string& log, Partition partition, Offset offset) {
  std::string key = owner + '\0' + log + '\0';
  const size_t at = key.size();
  key.resize(at + 12);
  store_be32(key.data() + at, partition.value());
  store_be64(key.data() + at + 4, offset.value());
  return key;
}

using SetAside = std::map<std::pair<std::string, Partition>, std::set<Offset>>;  // by log and partition

/// Of one owner. Errors: of the store.
inline Result<SetAside> read_set_aside(const Store& store, const std::string& owner) {
  SetAside out;
  PENSTOCK_TRY(store.scan(kSetAsideTable, owner + '\0', [&](std::string_view key, std::string_view) {
    key.remove_prefix(owner.size() + 1);
    const size_t end = key.size() < 13 ? 0 : key.size() - 13;
    const char* numbers = key.data() + end + 1;
    if (end > 0)
      out[{std::string(key.substr(0, end)), Partition(__builtin_bswap32(load_le<uint32_t>(numbers)))}].insert(
          Offset(__builtin_bswap64(load_le<uint64_t>(numbers + 4))));
    return true;
  }));
  return out;
}

}  // namespace penstock
