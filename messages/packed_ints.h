// Integers in as few bytes each as their range (or the range of their differences) needs. The building block of
// batch_codec.h, whose grammar names it `ints`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "messages/byte_io.h"

namespace penstock {

void append_packed(std::span<const int64_t> values, std::string& out);
/// For small unsigned numbers such as lengths and codes.
void append_packed(std::span<const uint32_t> values, std::string& out);

/// Reads `count` integers; false (or reader.failed()) if the bytes are broken.
bool read_packed(ByteReader& reader, size_t count, std::vector<int64_t>& out);
/// The same where each must be within [0, 2^32).
bool read_packed(ByteReader& reader, size_t count, std::vector<uint32_t>& out);

}  // namespace penstock
