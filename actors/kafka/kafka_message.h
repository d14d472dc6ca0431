// A record as it goes into a topic. Views into memory of whoever made it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace penstock {

struct KafkaHeader {
  const char* name;
  std::string_view value;
};

struct KafkaMessage {
  std::optional<std::string_view> key, value;  // a record without a value is a tombstone
  std::span<const KafkaHeader> headers;
  std::optional<uint32_t> partition;    // else by the key, or any
  std::optional<int64_t> timestamp_ms;  // since 1970; else the present time
};

}  // namespace penstock
