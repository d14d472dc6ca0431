#include "actors/kafka/kafka_record.h"

#include <librdkafka/rdkafka.h>

#include <utility>

namespace penstock {
namespace {

rd_kafka_message_t* native(void* message) { return static_cast<rd_kafka_message_t*>(message); }

std::string_view view(const void* bytes, size_t size) { return {static_cast<const char*>(bytes), size}; }

}  // namespace

KafkaRecord::KafkaRecord(const KafkaPartition* from, int64_t offset, std::string_view payload, bool is_tombstone,
                         void* message)
    : from_(from), offset_(offset), payload_(payload), is_tombstone_(is_tombstone), message_(message) {}

KafkaRecord::KafkaRecord(KafkaRecord&& other) noexcept
    : from_(other.from_),
      offset_(other.offset_),
      payload_(other.payload_),
      is_tombstone_(other.is_tombstone_),
      message_(std::exchange(other.message_, nullptr)) {}

KafkaRecord& KafkaRecord::operator=(KafkaRecord&& other) noexcept {
  std::swap(from_, other.from_);
  std::swap(offset_, other.offset_);
  std::swap(payload_, other.payload_);
  std::swap(is_tombstone_, other.is_tombstone_);
  std::swap(message_, other.message_);
  return *this;
}

KafkaRecord::~KafkaRecord() {
  if (message_)
    rd_kafka_message_destroy(native(message_));
}

std::optional<std::string_view> KafkaRecord::key() const {
  const rd_kafka_message_t* message = native(message_);
  return message && message->key ? std::optional(view(message->key, message->key_len)) : std::nullopt;
}

std::optional<int64_t> KafkaRecord::timestamp_millis() const {
  if (!message_)
    return std::nullopt;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const int64_t millis = rd_kafka_message_timestamp(native(message_), &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || millis < 0 ? std::nullopt : std::optional(millis);
}

std::optional<std::string_view> KafkaRecord::header(const std::string& name) const {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  if (!message_ || rd_kafka_message_headers(native(message_), &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      rd_kafka_header_get_last(headers, name.c_str(), &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || !value)
    return std::nullopt;
  return view(value, size);
}

}  // namespace penstock
