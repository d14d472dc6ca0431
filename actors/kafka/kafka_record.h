// A record as it came out of a topic, in the buffer of librdkafka. Its bytes are valid as long as it is. Goes before the consumer
// that handed it out. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actors/kafka/kafka_partition.h"

namespace penstock {

class KafkaRecord {
 public:
  /// `message`: the library's, which it destroys; null if the bytes are somebody else's.
  KafkaRecord(const KafkaPartition* from, int64_t offset, std::string_view payload, bool is_tombstone, void* message);
  KafkaRecord(KafkaRecord&& other) noexcept;
  KafkaRecord& operator=(KafkaRecord&& other) noexcept;
  ~KafkaRecord();

  const KafkaPartition& partition() const { return *from_; }
  int64_t offset() const { return offset_; }
  std::string_view payload() const { return payload_; }
  bool is_tombstone() const { return is_tombstone_; }                     // there is no payload
  std::optional<std::string_view> key() const;                            // nothing: null
  std::optional<int64_t> timestamp_millis() const;                        // since 1970
  std::optional<std::string_view> header(const std::string& name) const;  // the last one of that name

 private:
  const KafkaPartition* from_;
  int64_t offset_;
  std::string_view payload_;
  bool is_tombstone_;
  void* message_;  // rd_kafka_message_t, or null: then it has no key, time and headers
};

}  // namespace penstock
