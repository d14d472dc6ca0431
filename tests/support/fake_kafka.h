// A Kafka broker with one consumer group in memory, for tests of what its members make of rebalances, deaths and lost answers. A seed
// decides what goes wrong. It takes commits as a broker does: from a member of the present generation alone; a partition goes to
// somebody else only once its holder has given it back, or was expelled. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "actors/kafka/kafka_consumer.h"
#include "core/random.h"

namespace penstock::test {

class FakeConsumer;

class FakeKafka {
 public:
  FakeKafka(uint64_t seed, uint32_t partitions) : random_(seed), logs_(partitions) {}

  /// A member, or a reader alone. Goes before the broker.
  std::unique_ptr<KafkaConsumer> consumer(bool alone);
  void produce(uint32_t partition, const std::string& payload) { logs_[partition].push_back(payload); }
  /// Something happens in the group: a member is told of a rebalance, a late request arrives.
  void step();
  /// A member is taken for dead, though it is not.
  void expel_one();
  /// From now on nothing goes wrong any more.
  void heal() { healed_ = true; }
  /// Whether members that go from now on leave the group, or just die.
  void members_die(bool die) { die_ = die; }
  /// The group's offsets are forgotten, as after its retention.
  void forget_offsets() { committed_.clear(); }
  void drop_below(uint32_t partition, int64_t offset) { lows_[partition] = offset; }
  bool bad_luck(uint64_t one_in) { return !healed_ && random_.below(one_in) == 0; }
  uint64_t below(uint64_t bound) { return random_.below(bound); }

 private:
  friend class FakeConsumer;
  struct Member {
    FakeConsumer* consumer = nullptr;  // null: dead, and not yet expelled
    std::set<uint32_t> held;           // assigned, in the broker's view
    bool subscribed = false, expelled = false;
    std::set<uint32_t> told;  // to give back
  };
  struct Request {
    uint64_t member = 0, generation = 0;
    std::map<KafkaPartition, std::pair<int64_t, std::string>> offsets;
  };

  uint64_t join(FakeConsumer* consumer);
  void leave(uint64_t id);
  void expel(uint64_t id);
  void move_partitions();
  bool apply(const Request& request);

  Random random_;
  std::vector<std::deque<std::string>> logs_;
  std::map<uint32_t, int64_t> lows_;
  std::map<KafkaPartition, KafkaCommitted> committed_;
  std::map<uint64_t, Member> members_;
  uint64_t last_member_ = 0, generation_ = 0;
  std::deque<Request> late_;
  std::map<uint32_t, uint64_t> targets_;  // who is to have a partition
  bool healed_ = false, die_ = false;
};

}  // namespace penstock::test
