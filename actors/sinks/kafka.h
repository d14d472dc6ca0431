// Sink `kafka`: puts rows into a topic, each exactly once for those who read committed records: the transaction that brings
// the rows also commits up to which offset of the log they reach, as the offset of a consumer group of the sink's own, on
// partition 0 of the topic. Rows below that (kafka_mark.h) are passed over, so neither a kill between the two commits nor an
// answer that was lost doubles any. One producer for each partition of the log.
//
//   transactional id, group := `penstock.` topology `.` sink `.` log `.` store id `.` partition
//
// Kafka forgets a group's offset some days (offsets.retention.minutes) after it was last committed. Then the store's position
// holds, which is as far unless the process died between the two commits and stayed down for so long.
//
// Without `exactly_once` there is one idempotent producer and the store's position alone: at least once, each record with its
// stable id (record_id.h) in the header `penstock-id`, as always.
//
// One thread at a time; blocks while brokers work. Errors: those of kafka_producer.h and kafka_records.h.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/kafka/kafka_producer.h"
#include "actors/sinks/kafka_mark.h"
#include "actors/sinks/kafka_records.h"
#include "actors/sinks/sink.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct KafkaSinkOptions {
  KafkaProducerOptions producer;  // without transactional id and group
  KafkaRecordOptions records;
  bool exactly_once = true;
  std::string name;  // the transactional id without the partition
  uint64_t batch_rows = 20'000;
};

class KafkaSink final : public Sink {
 public:
  explicit KafkaSink(KafkaSinkOptions options);
  ~KafkaSink() override;

  Status open(std::string_view position) override;
  Status write(const BatchPtr& batch) override;
  Result<std::string> sync() override;
  uint64_t rows_at_once() const override { return options_.batch_rows; }
  void report(monitoring::Monitor& monitor, const monitoring::Origin& origin) override;

 private:
  struct Part {
    std::unique_ptr<KafkaProducer> producer;
    KafkaMark committed, mark;  // mark: with what is under way
    bool changed = false;
  };

  Result<Part*> part_of(Partition partition);
  Status open_part(uint32_t partition, Part& part);
  void keep_failures(KafkaProducer& producer);
  Status put(Part& part, const RecordBatch& batch);
  Status confirm();
  static Status commit(Part& part);
  /// Takes back what is not committed, and parts with the producers that cannot; the same status, or why it came to it.
  Status give_up(Status status);

  const KafkaSinkOptions options_;
  KafkaRecords records_;
  std::map<uint32_t, Part> parts_;  // by partition of the log; without transactions one
  uint64_t batch_bytes_;            // less once the topic has refused batches of so many
  bool delivering_ = false;
  std::vector<KafkaFailure> failures_;  // of producers that are gone
};

topology::ComponentType kafka_sink_type();
Result<SinkPtr> make_kafka_sink(const MakeContext& context);

}  // namespace penstock
