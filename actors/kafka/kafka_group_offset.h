// The offset that a consumer group has committed, read from outside the group. Connects for the purpose; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "actors/kafka/kafka_connection.h"
#include "core/status.h"

namespace penstock {

struct KafkaGroupOffset {
  int64_t offset = -1;  // none
  std::string metadata;
};

/// Of partition 0 of the topic. A transaction that is about to end is waited for. Errors: unavailable, as well after `timeout_ms`.
Result<KafkaGroupOffset> read_group_offset(const KafkaSettings& settings, const std::string& group,
                                           const std::string& topic, int timeout_ms);

}  // namespace penstock
