// A source's place in a consumer group: which records of a topic it may store, so that each is stored by one node, once. Takes records,
// claims them (kafka_claims.h) and hands them over; comes back to what it had claimed and not stored; answers rebalances.
// One thread at a time; may wait for a broker for some seconds.
//
//   take() ─▶ records(), claim under way ─▶ claimed() true ─▶ the caller stores them with position() ─▶ handed_over()
//
// Errors: unavailable, where a broker cannot be reached or refuses; data_loss, of kafka_claims.h.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "actors/kafka/kafka_consumer.h"
#include "actors/sources/kafka_claims.h"
#include "actors/sources/kafka_debts.h"
#include "actors/sources/kafka_position.h"
#include "core/clock.h"

namespace penstock {

/// Where a partition begins that nobody has read.
struct KafkaStart {
  enum class Kind { kEarliest, kLatest, kTime };
  Kind kind = Kind::kEarliest;
  int64_t millis = 0;  // since 1970
};

struct KafkaGroupOptions {
  std::string owner;  // the store's name
  std::string group;
  KafkaStart start;
};

class KafkaGroup {
 public:
  KafkaGroup(KafkaGroupOptions options, MakeKafkaConsumer make, const Clock& clock)
      : options_(std::move(options)), make_(std::move(make)), clock_(clock) {}

  /// `stored`: the position in the store, from which everything goes on.
  void open(KafkaPosition stored);
  /// Adds to records() what is there, of about `max_bytes` in all, and begins to claim it. Every call tells that all that was
  /// handed over before the last time is stored.
  Status take(uint64_t max_bytes);
  const std::vector<KafkaRecord>& records() const { return records_; }
  /// Whether all of them are ours. Waits for the claim's answer; after `false` or an error, take() asks again for those that
  /// are still there.
  Result<bool> claimed();
  /// Behind the records, which go. Requires: claimed() gave true.
  std::string hand_over();
  /// Nothing can be taken for now: pauses, and stays a member.
  void keep_alive();
  void report(monitoring::Monitor& monitor, const monitoring::Origin& origin);

 private:
  // A partition that we have been assigned.
  struct Tenure {
    KafkaClaims claims;
    int64_t next = 0;             // offset of the next record to take
    int64_t claimed = -1;         // up to here; -1: the group knows nothing of the partition yet
    bool doubtful = false;        // a claim beyond that may have been recorded, or not
    std::optional<int64_t> time;  // of the last record taken, in ms since 1970
  };

  Status join();
  void leave();
  Status poll(uint64_t max_bytes);
  Status apply(const KafkaPolled& polled, size_t before);
  void revoke(const KafkaRebalance& rebalance);
  Status begin_tenures();
  Result<int64_t> first_offset(const KafkaPartition& partition);
  Status move_into_range(const KafkaPartition& partition, int64_t offset);
  Status look_for_debts();
  Status claim();
  std::vector<KafkaPartition> held() const;
  std::optional<int64_t> behind(const KafkaPartition& partition) const;

  const KafkaGroupOptions options_;
  const MakeKafkaConsumer make_;
  const Clock& clock_;
  KafkaPosition position_;  // behind what was handed over
  KafkaPosition given_;     // the same, at the last time
  KafkaPosition durable_;   // behind what is stored for certain: what was given the time before
  std::unique_ptr<KafkaConsumer> member_;
  bool joined_ = false, paused_ = false;
  std::map<KafkaPartition, Tenure> tenures_;
  std::set<KafkaPartition> waiting_;          // assigned; not begun yet
  std::map<KafkaPartition, int64_t> doubts_;  // not ours, but a claim of ours may still be recorded; since when (ns)
  int64_t next_look_ = 0;                     // when to look for such claims again (ns)
  KafkaDebts debts_;
  uint64_t bytes_ = 0;                       // of records_
  std::map<KafkaPartition, int64_t> asked_;  // up to where, by the claim under way
  int64_t failing_since_ = 0;                // claims (ns); 0: they do not
  std::vector<KafkaRebalance> rebalances_;   // not yet reported
  std::vector<KafkaLoss> losses_;
  std::vector<KafkaRecord> records_;  // goes before the consumers that handed them out
};

}  // namespace penstock
