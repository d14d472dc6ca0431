#include "actors/kafka/kafka_leave.h"

#include <array>
#include <chrono>
#include <mutex>
#include <vector>

namespace penstock {
namespace {

constexpr auto kPatience = std::chrono::seconds(3);
constexpr int kStep = 50;  // ms

// False if it takes too long.
bool close(rd_kafka_t* handle) {
  std::unique_ptr<rd_kafka_queue_t, void (*)(rd_kafka_queue_t*)> queue(rd_kafka_queue_new(handle),
                                                                       rd_kafka_queue_destroy);
  if (rd_kafka_error_t* error = rd_kafka_consumer_close_queue(handle, queue.get())) {
    rd_kafka_error_destroy(error);  // it is closed, or never was a member
    return true;
  }
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!rd_kafka_consumer_closed(handle)) {
    if (std::chrono::steady_clock::now() > until)
      return false;
    std::array<rd_kafka_message_t*, 64> late;
    const ssize_t count = rd_kafka_consume_batch_queue(queue.get(), kStep, late.data(), late.size());
    for (ssize_t i = 0; i < count; ++i)
      rd_kafka_message_destroy(late[static_cast<size_t>(i)]);
  }
  return true;
}

void keep_aside(std::unique_ptr<KafkaClient> client) {
  static std::mutex mutex;
  static auto& kept = *new std::vector<std::unique_ptr<KafkaClient>>;  // never destroyed
  const std::lock_guard lock(mutex);
  kept.push_back(std::move(client));
}

}  // namespace

void answer_rebalance(rd_kafka_t* handle, bool assigned, const rd_kafka_topic_partition_list_t* list) {
  if (rd_kafka_error_t* error =
          assigned ? rd_kafka_incremental_assign(handle, list) : rd_kafka_incremental_unassign(handle, list))
    rd_kafka_error_destroy(error);
}

void leave_group(std::unique_ptr<KafkaClient> client, bool assigned) {
  if (!close(client->handle()) || !assigned)
    keep_aside(std::move(client));
}

}  // namespace penstock
