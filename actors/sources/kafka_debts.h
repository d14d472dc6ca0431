// Reads again what a store had claimed of Kafka's partitions and not stored when its node died, or what it learnt too late to have
// claimed: ranges of records, by offset, without the consumer group's knowledge. One thread at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "actors/kafka/kafka_consumer.h"
#include "actors/sources/kafka_claims.h"

namespace penstock {

/// Makes a member of the group, or, `alone`, a reader of partitions. Errors: unavailable.
using MakeKafkaConsumer = std::function<Result<std::unique_ptr<KafkaConsumer>>(bool alone)>;

/// Records that the broker no longer had when they were to be read.
struct KafkaLoss {
  KafkaPartition partition;
  KafkaRange range;
};

class KafkaDebts {
 public:
  struct Read {
    size_t taken = 0;                         // from the library; fewer than asked for: no more is there at the moment
    std::map<KafkaPartition, int64_t> ended;  // ranges that were read to their end, which is there
    std::vector<KafkaLoss> losses;
  };

  bool empty() const { return debts_.empty(); }
  /// Requires: records of read() have gone.
  void clear();
  /// Ranges in order, behind those of the partition that are known already.
  void add(const KafkaPartition& partition, const std::vector<KafkaRange>& ranges);
  /// At most `most` of their records, behind those in `records`. Requires: not empty().
  Status read(const MakeKafkaConsumer& make, size_t most, std::vector<KafkaRecord>& records, Read& out);

 private:
  Status begin(const MakeKafkaConsumer& make);
  void keep_owed(std::vector<KafkaRecord>& records, size_t from);
  Status skip_lost(const KafkaPartition& partition, Read& out);
  void take_off_ended(Read& out);

  std::map<KafkaPartition, std::vector<KafkaRange>> debts_;
  std::map<KafkaPartition, KafkaRange> reading_;  // what is left of the first range of each; empty: read
  std::unique_ptr<KafkaConsumer> reader_;
};

}  // namespace penstock
