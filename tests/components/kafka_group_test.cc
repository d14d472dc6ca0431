// Several nodes read one topic through a broker that goes wrong in all ways there are. In the end each record is in one of their
// stores, once. The naive view: a list of all that was produced.
#include "actors/sources/kafka_group.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

#include "tests/support/fake_kafka.h"

namespace penstock {
namespace {

using test::FakeKafka;

// A node as the worker around the source makes one: what is handed over is stored later, in order; a crash forgets the rest.
class Node {
 public:
  Node(FakeKafka& broker, const Clock& clock, std::string name)
      : broker_(broker), clock_(clock), name_(std::move(name)) {
    start();
  }
  void start() {
    group_ = std::make_unique<KafkaGroup>(
        KafkaGroupOptions{name_, "group", {}},
        [this](bool alone) -> Result<std::unique_ptr<KafkaConsumer>> { return broker_.consumer(alone); }, clock_);
    const auto position = position_.empty() ? KafkaPosition{} : KafkaPosition::decode(position_);
    group_->open(position.value());
  }
  void crash() {
    broker_.members_die(true);
    group_.reset();
    broker_.members_die(false);
    on_the_way_.clear();
  }
  void stop() {
    while (commit()) {
    }
    group_.reset();
  }
  bool is_up() const { return group_ != nullptr; }
  void read() {
    if (on_the_way_.size() > 1)
      return;
    if (!group_->take(1 + broker_.below(200)).ok())
      return;
    std::vector<std::string> payloads;
    for (const KafkaRecord& record : group_->records())
      payloads.emplace_back(record.payload());
    const auto ours = group_->claimed();
    if (ours.ok() && *ours && !payloads.empty())
      on_the_way_.emplace_back(group_->hand_over(), std::move(payloads));
  }
  bool commit() {
    if (on_the_way_.empty())
      return false;
    position_ = on_the_way_.front().first;
    for (std::string& payload : on_the_way_.front().second)
      stored_.push_back(std::move(payload));
    on_the_way_.pop_front();
    return true;
  }
  void keep_alive() { group_->keep_alive(); }
  const std::vector<std::string>& stored() const { return stored_; }

 private:
  FakeKafka& broker_;
  const Clock& clock_;
  const std::string name_;
  std::unique_ptr<KafkaGroup> group_;
  std::deque<std::pair<std::string, std::vector<std::string>>> on_the_way_;
  std::string position_;
  std::vector<std::string> stored_;
};

// Missing records with a `-`, doubled ones with a `+`.
std::string differences(std::vector<std::string> expected, std::vector<std::string> found) {
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  std::vector<std::string> missing, extra;
  std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(), std::back_inserter(missing));
  std::set_difference(found.begin(), found.end(), expected.begin(), expected.end(), std::back_inserter(extra));
  std::string out;
  for (const std::string& one : missing)
    out += "-" + one + " ";
  for (const std::string& one : extra)
    out += "+" + one + " ";
  return out;
}

std::string run(uint64_t seed) {
  ManualClock clock;
  constexpr uint32_t kPartitions = 3;
  FakeKafka broker(seed, kPartitions);
  std::vector<std::string> produced;
  std::vector<std::unique_ptr<Node>> nodes;
  for (const char* name : {"a", "b", "c"})
    nodes.push_back(std::make_unique<Node>(broker, clock, name));
  for (int step = 0; step < 600; ++step) {
    Node& node = *nodes[broker.below(nodes.size())];
    const uint64_t what = broker.below(20);
    if (what < 4) {
      produced.push_back(std::to_string(produced.size()));
      broker.produce(static_cast<uint32_t>(broker.below(kPartitions)), produced.back());
    } else if (what == 4) {
      clock.advance_micros(static_cast<int64_t>(broker.below(4'000'000)));
    } else if (what < 8) {
      broker.step();
    } else if (!node.is_up()) {
      if (what < 10)
        node.start();
    } else if (what < 13) {
      node.commit();
    } else if (what == 13 && broker.bad_luck(6)) {
      node.crash();
    } else if (what == 14 && broker.bad_luck(10)) {
      node.stop();
    } else if (what == 15 && broker.bad_luck(6)) {
      broker.expel_one();
    } else if (what == 16) {
      node.keep_alive();
    } else {
      node.read();
    }
  }
  broker.heal();
  for (const auto& node : nodes)
    if (!node->is_up())
      node->start();
  for (int round = 0; round < 300; ++round) {
    clock.advance_micros(1'000'000);
    broker.step();
    for (const auto& node : nodes) {
      node->read();
      node->commit();
    }
  }
  std::vector<std::string> stored;
  for (const auto& node : nodes) {
    stored.insert(stored.end(), node->stored().begin(), node->stored().end());
    node->stop();
  }
  return differences(std::move(produced), std::move(stored));
}

TEST_CASE("nodes of one group store each record once, whatever happens to them, to claims and to their answers") {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    REQUIRE(run(seed) == "");
  }
}

}  // namespace
}  // namespace penstock
