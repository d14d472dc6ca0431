// Integers in stored bytes: little-endian in values, big-endian in keys (so that they sort). Pure functions.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "core/ids.h"

namespace penstock {

static_assert(std::endian::native == std::endian::little, "stored values are copied as they lie in memory");

template <class T>
inline void store_le(char* out, T value) {
  std::memcpy(out, &value, sizeof value);
}

template <class T>
inline T load_le(const char* in) {
  T value;
  std::memcpy(&value, in, sizeof value);
  return value;
}

template <class T>
inline void append_le(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// What WriteBatch::put_with_offsets() adds to a value.
inline void append_offsets(std::string& out, const std::vector<Offset>& offsets) {
  for (const Offset offset : offsets)
    append_le(out, offset.value());
}

inline void store_be32(char* out, uint32_t value) { store_le(out, __builtin_bswap32(value)); }
inline void store_be64(char* out, uint64_t value) { store_le(out, __builtin_bswap64(value)); }
inline uint32_t load_be32(const char* in) { return __builtin_bswap32(load_le<uint32_t>(in)); }
inline uint64_t load_be64(const char* in) { return __builtin_bswap64(load_le<uint64_t>(in)); }

}  // namespace penstock
