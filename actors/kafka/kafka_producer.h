// Puts records into one topic, with a transaction around those that belong together: readers of committed records see all of
// them or none, and an offset of a consumer group (the mark) moves in the same transaction. Without a transactional id it is
// an idempotent producer: what flush() confirmed is in the topic, each record once but for what is sent again after a crash.
//
//   open() ─▶ committed() ─▶ [ begin() ─▶ produce()... ─▶ flush() ─▶ commit(mark) ]...
//
// After an error come abort() and, if that says so, another producer. One thread at a time calls it; the library has
// threads of its own. Every call but produce() waits for brokers, together at most `timeout` from the last restart_timeout().
//
// Errors: unavailable, of brokers and the way to them, and with a topic that is not there; invalid_argument for a record that
// the topic never takes; failed_precondition when another producer has opened with the same transactional id.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "actors/kafka/kafka_connection.h"
#include "actors/kafka/kafka_failure.h"
#include "actors/kafka/kafka_group_offset.h"
#include "actors/kafka/kafka_message.h"
#include "core/status.h"
#include "core/units.h"

namespace penstock {

struct KafkaProducerOptions {
  KafkaSettings settings;
  std::string topic;
  std::string transactional_id;  // empty: no transactions
  std::string group;             // whose offset is the mark
  Duration timeout;
  uint64_t batch_bytes = 1'000'000;  // of the records sent together
};

/// What a producer makes of its options itself, and users must not.
std::vector<KafkaOwnSetting> kafka_producer_own_settings();

class KafkaProducer {
 public:
  explicit KafkaProducer(KafkaProducerOptions options);
  ~KafkaProducer();

  /// Connects and looks the topic up. With a transactional id: fences earlier producers with it, ends what they left open.
  Status open();
  uint32_t partitions() const { return partitions_; }
  /// The mark, of the topic's partition 0.
  Result<KafkaGroupOffset> committed() const;
  Status begin();
  /// Queues the record. Waits only while the queue is full.
  Status produce(const KafkaMessage& message);
  /// Returns when every record is in the topic.
  Status flush();
  /// Ends the transaction. Unavailable may mean that it is not known whether it was committed: the mark tells.
  Status commit(const KafkaGroupOffset& mark);
  /// After an error: takes the transaction back, and says whether that went well, so that a new one may begin; what cannot be
  /// taken back now is when another producer opens. Failed_precondition if another one has.
  Result<bool> abort();
  void restart_timeout();

  /// A batch of this many bytes was refused as too large though none of its records was alone: smaller batches may do. 0: none.
  uint64_t refused_batch() const;
  std::vector<KafkaFailure> take_failures();

 private:
  struct Library;

  Status look_topic_up();
  int remaining_ms() const;

  const KafkaProducerOptions options_;
  std::unique_ptr<Library> library_;
  std::chrono::steady_clock::time_point deadline_, begun_;
  bool open_ = false, in_transaction_ = false;
  bool commit_tried_ = false;  // of the transaction: if it failed, only another producer learns what became of it
  uint32_t partitions_ = 0;
};

}  // namespace penstock
