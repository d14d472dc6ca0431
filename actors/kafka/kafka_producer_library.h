// The handle of librdkafka behind a KafkaProducer, and what its errors mean. Only for kafka_producer.cc.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "actors/kafka/kafka_client.h"
#include "actors/kafka/kafka_producer.h"

namespace penstock {

inline constexpr int kTransactionSeconds = 60;  // after which a broker takes back what was left open

struct KafkaProducer::Library {
  using Clock = std::chrono::steady_clock;
  using Error = std::unique_ptr<rd_kafka_error_t, void (*)(rd_kafka_error_t*)>;
  using Topic = std::unique_ptr<rd_kafka_topic_t, void (*)(rd_kafka_topic_t*)>;
  using Group = std::unique_ptr<rd_kafka_consumer_group_metadata_t, void (*)(rd_kafka_consumer_group_metadata_t*)>;

  const KafkaProducerOptions& options;
  std::unique_ptr<KafkaClient> client = nullptr;
  Topic topic{nullptr, rd_kafka_topic_destroy};
  Group group{nullptr, rd_kafka_consumer_group_metadata_destroy};
  rd_kafka_resp_err_t undelivered = RD_KAFKA_RESP_ERR_NO_ERROR;  // why a record is not in the topic; the worst reason
  std::string undelivered_text = {};
  uint64_t refused_batch = 0;
  uintptr_t transaction = 0;  // its number; records of earlier ones are of no interest any more

  rd_kafka_t* handle() const { return client->handle(); }
  /// Makes the handle. Errors: of KafkaClient.
  Status connect();

  Status explain(rd_kafka_resp_err_t error, const std::string& doing, const std::string& detail = {}) const;
  /// Why records are not in the topic; ok if all are that are not on their way.
  Status delivery_failure() const;

  /// Repeats what the library holds to be worth a repetition until the time is up. `call(ms)` gives an error or null.
  template <class Call>
  Status retry(const std::string& doing, Clock::time_point until, Call&& call) {
    constexpr int kPauseMs = 50;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
      const Error error(call(static_cast<int>(std::max<int64_t>(left, 1))), rd_kafka_error_destroy);
      if (!error)
        return ok();
      if (!rd_kafka_error_is_retriable(error.get()) || left <= kPauseMs)
        return explain(rd_kafka_error_code(error.get()), doing, rd_kafka_error_string(error.get()));
      rd_kafka_poll(handle(), kPauseMs);
    }
  }

 private:
  static void on_undelivered(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque);
};

/// The topic will never take the record.
bool is_kafka_record_error(rd_kafka_resp_err_t error);

}  // namespace penstock
