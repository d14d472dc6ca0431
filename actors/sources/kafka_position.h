// How far a Kafka source has stored the partitions of its topics. It moves in the transaction that stores the records. A position counts
// for its consumer group: under another group's name the source reads anew. Plain values; any thread.
//
//   position := version:u8 (1)  group  topics:u32 (topic partitions:u32)*  count:u32 (topic partition:u32 next:u64)*
//   group, topic := size:u32 byte*
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "actors/kafka/kafka_partition.h"
#include "core/status.h"

namespace penstock {

struct KafkaPosition {
  std::string group;
  std::map<std::string, uint32_t> partitions;  // by topic: how many it had when the source first saw it
  std::map<KafkaPartition, int64_t> next;      // everything of ours below this offset is stored

  std::optional<int64_t> stored(const KafkaPartition& partition) const;
  std::string encode() const;
  /// Errors: data_loss.
  static Result<KafkaPosition> decode(std::string_view bytes);
  bool operator==(const KafkaPosition&) const = default;
};

}  // namespace penstock
