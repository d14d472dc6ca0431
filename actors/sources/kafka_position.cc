#include "actors/sources/kafka_position.h"

#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;

void append_text(std::string_view text, std::string& out) {
  append_number(static_cast<uint32_t>(text.size()), out);
  out += text;
}

std::string read_text(ByteReader& reader) { return std::string(reader.bytes(reader.number<uint32_t>())); }

}  // namespace

std::optional<int64_t> KafkaPosition::stored(const KafkaPartition& partition) const {
  const auto found = next.find(partition);
  return found == next.end() ? std::nullopt : std::optional(found->second);
}

std::string KafkaPosition::encode() const {
  std::string out;
  append_number(kVersion, out);
  append_text(group, out);
  append_number(static_cast<uint32_t>(partitions.size()), out);
  for (const auto& [topic, count] : partitions) {
    append_text(topic, out);
    append_number(count, out);
  }
  append_number(static_cast<uint32_t>(next.size()), out);
  for (const auto& [partition, offset] : next) {
    append_text(partition.topic, out);
    append_number(partition.number, out);
    append_number(offset, out);
  }
  return out;
}

Result<KafkaPosition> KafkaPosition::decode(std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.number<uint8_t>() != kVersion)
    return data_loss("the position of a Kafka source has an unknown format version");
  KafkaPosition out;
  out.group = read_text(reader);
  const auto topics = reader.number<uint32_t>();
  for (uint32_t i = 0; i < topics && !reader.failed(); ++i) {
    std::string topic = read_text(reader);
    out.partitions[std::move(topic)] = reader.number<uint32_t>();
  }
  const auto count = reader.number<uint32_t>();
  for (uint32_t i = 0; i < count && !reader.failed(); ++i) {
    KafkaPartition partition;
    partition.topic = read_text(reader);
    partition.number = reader.number<uint32_t>();
    out.next[std::move(partition)] = reader.number<int64_t>();
  }
  if (reader.failed() || reader.left() > 0)
    return data_loss("the position of a Kafka source has the wrong length");
  return out;
}

}  // namespace penstock
