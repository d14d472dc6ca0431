// A partition of a topic in Kafka. A plain value.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace penstock {

struct KafkaPartition {
  std::string topic;
  uint32_t number = 0;

  auto operator<=>(const KafkaPartition&) const = default;
  std::string to_string() const { return topic + "/" + std::to_string(number); }
};

}  // namespace penstock
