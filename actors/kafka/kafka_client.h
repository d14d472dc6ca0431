// A client of a Kafka cluster, by librdkafka: makes the handle from settings, and keeps what the library tells of failures, so
// that a call that merely timed out can be explained by its cause. What consumer and producer have in common. The library's
// threads note failures; one thread at a time calls everything else.
//
// Errors of the brokers, of the way to them and of logging in are unavailable: they may pass, and whoever meets one tries again.
#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/kafka/kafka_connection.h"
#include "actors/kafka/kafka_failure.h"
#include "core/status.h"

namespace penstock {

/// `broker_transport_failure`, `unknown_topic_or_part`: the error's name in the protocol, or what librdkafka calls its own.
std::string kafka_error_word(rd_kafka_resp_err_t error);

class KafkaClient {
 public:
  /// `configure` adds what is no text, such as callbacks; their opaque pointer is the KafkaClient, which knows its `owner`.
  /// Errors: unavailable (also a certificate that cannot be read: it may be put right).
  static Result<std::unique_ptr<KafkaClient>> make(rd_kafka_type_t type, const KafkaSettings& settings, void* owner,
                                                   const std::function<void(rd_kafka_conf_t*)>& configure = {});
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  rd_kafka_t* handle() const { return handle_.get(); }
  void* owner() const { return owner_; }
  /// Serves callbacks of the main queue: errors, and for a producer delivery reports. Does not wait.
  void poll();
  /// Failures since the last call, each once; the last 32 of them.
  std::vector<KafkaFailure> take_failures();
  void note_failure(KafkaFailure failure);
  /// Unavailable: `doing` (`cannot read the topic orders`), why, what would be right. A time-out is explained by the last cause.
  Status failure(rd_kafka_resp_err_t error, const std::string& doing, const std::string& detail = {});

 private:
  struct Destroy {
    void operator()(rd_kafka_t* handle) const;
  };
  KafkaClient() = default;
  static void on_error(rd_kafka_t* handle, int error, const char* reason, void* opaque);
  static void on_log(const rd_kafka_t* handle, int level, const char* facility, const char* line);

  void* owner_ = nullptr;
  std::string brokers_, username_;
  std::mutex mutex_;  // of what follows
  std::vector<KafkaFailure> failures_;
  rd_kafka_resp_err_t cause_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // why brokers could not be reached last
  std::string cause_text_;
  std::unique_ptr<rd_kafka_t, Destroy> handle_;  // goes first: its threads use the rest
};

}  // namespace penstock
