#include "actors/kafka/kafka_group_offset.h"

#include <algorithm>
#include <chrono>

#include "actors/kafka/kafka_client.h"

namespace penstock {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPauseMs = 50;

// While the group's coordinator is found, or starts.
bool may_pass_at_once(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || error == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS || error == RD_KAFKA_RESP_ERR__WAIT_COORD ||
         error == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
}

}  // namespace

// By a consumer that takes no part in the group: the admin interface of librdkafka 2.0 ends the process when a coordinator answers
// a producer's question with an error.
Result<KafkaGroupOffset> read_group_offset(const KafkaSettings& settings, const std::string& group,
                                           const std::string& topic, int timeout_ms) {
  const auto until = Clock::now() + std::chrono::milliseconds(timeout_ms);
  KafkaSettings all = settings;
  all.emplace_back("group.id", group);
  all.emplace_back("enable.auto.commit", "false");
  all.emplace_back("isolation.level", "read_committed");  // asks for offsets of which no transaction is under way
  PENSTOCK_ASSIGN(const auto client, KafkaClient::make(RD_KAFKA_CONSUMER, all, nullptr));
  const std::unique_ptr<rd_kafka_topic_partition_list_t, void (*)(rd_kafka_topic_partition_list_t*)> list(
      rd_kafka_topic_partition_list_new(1), rd_kafka_topic_partition_list_destroy);
  const rd_kafka_topic_partition_t& at = *rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    auto error = rd_kafka_committed(client->handle(), list.get(), static_cast<int>(std::max<int64_t>(left, 1)));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
      error = at.err;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
      break;
    if (!may_pass_at_once(error) || left <= kPauseMs)
      return client->failure(error, "cannot read the offset of the group " + group);
    rd_kafka_poll(client->handle(), kPauseMs);
  }
  if (at.offset < 0)
    return KafkaGroupOffset{};
  return KafkaGroupOffset{at.offset, std::string(static_cast<const char*>(at.metadata), at.metadata_size)};
}

}  // namespace penstock
