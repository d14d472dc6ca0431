// A member of a Kafka consumer group, thin over librdkafka: subscribes, tells of rebalances, hands out records in the library's own
// buffers, and commits offsets with metadata. Or, without the group's knowledge, a reader of partitions from given offsets.
// One thread at a time. Calls that ask a broker wait for up to `kAnswer`; the others do not wait.
//
// Nothing happens by itself: after a rebalance the caller assigns or unassigns, and offsets are committed by claim() alone.
// Errors: unavailable, as KafkaClient explains them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/kafka/kafka_connection.h"
#include "actors/kafka/kafka_partition.h"
#include "actors/kafka/kafka_record.h"
#include "core/status.h"
#include "monitoring/event.h"

namespace penstock {

struct KafkaCommitted {
  std::optional<int64_t> offset;
  std::string metadata;
};

struct KafkaRebalance {
  enum class Kind { kAssigned, kRevoked, kLost };
  Kind kind;
  std::vector<KafkaPartition> partitions;
};

/// What poll() brought beside records.
struct KafkaPolled {
  std::vector<KafkaRebalance> rebalances;
  std::vector<std::pair<KafkaPartition, int64_t>> ends;          // a reader alone has reached the end, which is there
  std::vector<std::pair<KafkaPartition, int64_t>> out_of_range;  // this offset is not in the partition
  Status failure;                                                // of the subscription, such as an unknown topic
};

/// The answer to a claim.
struct KafkaClaimed {
  std::vector<KafkaPartition> partitions;  // whose offsets were committed
  Status failure;                          // why others were not; ok if it is because the group is being rebalanced
  bool in_doubt = false;                   // an offset may have been committed though it is not among these, or yet be
};

struct KafkaConsumerOptions {
  KafkaSettings settings;
  std::string group;
  std::vector<std::string> topics;
  bool read_committed = true;
  bool alone = false;  // reads without the group's knowledge
};

class KafkaConsumer {
 public:
  /// Leaves the group.
  virtual ~KafkaConsumer() = default;

  /// How many partitions the topics have. Errors: unavailable, also for a topic that is missing.
  virtual Result<std::map<std::string, uint32_t>> count_partitions() = 0;
  virtual Status subscribe() = 0;
  /// At most `most` records that are there already, behind those in `records`; the others that the call took from the
  /// library are in the result. The number it took.
  virtual size_t poll(size_t most, std::vector<KafkaRecord>& records, KafkaPolled& polled) = 0;
  /// Answers a rebalance: read these from these offsets, too; no longer read these. Alone: read just these.
  virtual Status assign(const std::map<KafkaPartition, int64_t>& starts) = 0;
  virtual Status unassign(const std::vector<KafkaPartition>& partitions) = 0;
  virtual Status pause(const std::vector<KafkaPartition>& partitions) = 0;
  virtual Status resume(const std::vector<KafkaPartition>& partitions) = 0;

  virtual Result<std::map<KafkaPartition, KafkaCommitted>> committed(const std::vector<KafkaPartition>& partitions) = 0;
  /// Begins to commit offsets with their metadata. Requires: no claim is under way.
  virtual Status claim(const std::map<KafkaPartition, std::pair<int64_t, std::string>>& offsets) = 0;
  virtual bool claiming() const = 0;
  /// The answer to the claim, or nothing yet. Waits for up to `millis`; serves no rebalance meanwhile, so that a claim counts
  /// in the generation in which it was made.
  virtual std::optional<KafkaClaimed> claimed(int millis) = 0;

  /// First offset that is there, and the one behind the last. Asks the broker.
  virtual Result<std::pair<int64_t, int64_t>> bounds(const KafkaPartition& partition) = 0;
  /// Behind the last record, as known from what was fetched; nothing if unknown.
  virtual std::optional<int64_t> end(const KafkaPartition& partition) const = 0;
  /// Behind what was handed out, what the library passes over (marks of transactions) included.
  virtual std::optional<int64_t> position(const KafkaPartition& partition) const = 0;
  /// The first offset whose record is of that time or later; the end if there is none. Asks the broker.
  virtual Result<int64_t> offset_at(const KafkaPartition& partition, int64_t millis) = 0;
  /// Unless all brokers were reported down, and still are. Asks them then.
  virtual Status reach() = 0;
  /// Tells of the failures since the last call.
  virtual void report(monitoring::Monitor& monitor, const monitoring::Origin& origin) = 0;
};

Result<std::unique_ptr<KafkaConsumer>> make_kafka_consumer(const KafkaConsumerOptions& options);

}  // namespace penstock
