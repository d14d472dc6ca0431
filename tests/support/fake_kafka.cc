#include "tests/support/fake_kafka.h"

#include <algorithm>

namespace penstock::test {
namespace {

const char* const kTopic = "orders";

KafkaPartition partition_of(uint32_t number) { return {kTopic, number}; }

Status bad() { return unavailable("the fake broker does not answer"); }

}  // namespace

class FakeConsumer final : public KafkaConsumer {
 public:
  FakeConsumer(FakeKafka& broker, bool alone) : broker_(broker), alone_(alone) {}
  ~FakeConsumer() override {
    if (id_)
      broker_.leave(id_);
  }

  Result<std::map<std::string, uint32_t>> count_partitions() override {
    if (broker_.bad_luck(20))
      return bad();
    return std::map<std::string, uint32_t>{{kTopic, static_cast<uint32_t>(broker_.logs_.size())}};
  }
  Status subscribe() override {
    if (broker_.bad_luck(20))
      return bad();
    id_ = broker_.join(this);
    return ok();
  }

  size_t poll(size_t most, std::vector<KafkaRecord>& records, KafkaPolled& polled) override {
    size_t taken = 0;
    for (auto& [number, next] : assigned_)
      taken += read(number, next, static_cast<size_t>(broker_.below(most - taken + 1)), records, polled);
    if (!broker_.bad_luck(3))
      for (KafkaRebalance& event : std::exchange(events_, {}))
        polled.rebalances.push_back(std::move(event));
    return taken;
  }
  Status assign(const std::map<KafkaPartition, int64_t>& starts) override {
    if (alone_)
      assigned_.clear();
    for (const auto& [partition, start] : starts) {
      if (!alone_ && assigned_.contains(partition.number))
        return unavailable("assigned twice");
      assigned_[partition.number] = start;
      ended_.erase(partition.number);
    }
    return ok();
  }
  Status unassign(const std::vector<KafkaPartition>& partitions) override {
    bool wrong = false;
    for (const KafkaPartition& partition : partitions) {
      wrong |= assigned_.erase(partition.number) == 0;
      paused_.erase(partition.number);
      give_back(partition.number);
    }
    if (expelled_ && assigned_.empty() && events_.empty()) {
      expelled_ = false;
      id_ = broker_.join(this);
    }
    return wrong ? unavailable("not assigned") : ok();
  }
  Status pause(const std::vector<KafkaPartition>& partitions) override {
    for (const KafkaPartition& partition : partitions)
      paused_.insert(partition.number);
    return ok();
  }
  Status resume(const std::vector<KafkaPartition>& partitions) override {
    for (const KafkaPartition& partition : partitions)
      paused_.erase(partition.number);
    return ok();
  }

  Result<std::map<KafkaPartition, KafkaCommitted>> committed(const std::vector<KafkaPartition>& partitions) override {
    if (broker_.bad_luck(10))
      return bad();
    std::map<KafkaPartition, KafkaCommitted> out;
    for (const KafkaPartition& partition : partitions)
      out[partition] = broker_.committed_[partition];
    return out;
  }
  Status claim(const std::map<KafkaPartition, std::pair<int64_t, std::string>>& offsets) override {
    const FakeKafka::Request request{id_, broker_.generation_, offsets};
    const uint64_t luck = broker_.bad_luck(4) ? broker_.below(4) : 4;
    answer_.emplace();
    answer_->failure = bad();
    answer_->in_doubt = true;
    slow_ = luck == 3 ? broker_.below(4) : 0;
    if (luck == 1)
      return ok();  // lost on the way
    if (luck == 2) {
      broker_.late_.push_back(request);
      return ok();
    }
    const bool taken = broker_.apply(request);
    if (luck == 0)
      return ok();  // the answer is lost
    answer_->failure = ok();
    answer_->in_doubt = false;
    for (const auto& [partition, claim] : offsets)
      if (taken)
        answer_->partitions.push_back(partition);
    return ok();
  }
  bool claiming() const override { return answer_.has_value(); }
  std::optional<KafkaClaimed> claimed(int /*millis*/) override {
    if (slow_ > 0) {
      --slow_;
      return std::nullopt;
    }
    return std::exchange(answer_, std::nullopt);
  }

  Result<std::pair<int64_t, int64_t>> bounds(const KafkaPartition& partition) override {
    return std::pair(broker_.lows_[partition.number], end_of(partition.number));
  }
  std::optional<int64_t> end(const KafkaPartition& partition) const override { return end_of(partition.number); }
  std::optional<int64_t> position(const KafkaPartition& /*partition*/) const override { return std::nullopt; }
  Result<int64_t> offset_at(const KafkaPartition& partition, int64_t /*millis*/) override {
    return end_of(partition.number);
  }
  Status reach() override { return ok(); }
  void report(monitoring::Monitor& /*monitor*/, const monitoring::Origin& /*origin*/) override {}

  void tell(KafkaRebalance::Kind kind, const std::set<uint32_t>& numbers) {
    KafkaRebalance event{kind, {}};
    for (const uint32_t number : numbers)
      event.partitions.push_back(partition_of(number));
    events_.push_back(std::move(event));
  }
  void expel(const std::set<uint32_t>& held) {
    id_ = 0;
    expelled_ = true;
    tell(KafkaRebalance::Kind::kLost, held);
  }

 private:
  int64_t end_of(uint32_t number) const { return static_cast<int64_t>(broker_.logs_[number].size()); }

  size_t read(uint32_t number, int64_t& next, size_t most, std::vector<KafkaRecord>& records, KafkaPolled& polled) {
    const int64_t end = end_of(number);
    if (paused_.contains(number))
      return 0;
    if (next < broker_.lows_[number] || next > end) {
      polled.out_of_range.emplace_back(partition_of(number), next);
      return 0;
    }
    const KafkaPartition* from = &*seen_.insert(partition_of(number)).first;
    size_t taken = 0;
    for (; taken < most && next < end; ++taken, ++next)
      records.emplace_back(from, next, broker_.logs_[number][static_cast<size_t>(next)], false, nullptr);
    if (alone_ && next == end && ended_.insert(number).second)
      polled.ends.emplace_back(*from, end);
    return taken;
  }
  void give_back(uint32_t number) {
    const auto member = broker_.members_.find(id_);
    if (member == broker_.members_.end())
      return;
    member->second.told.erase(number);
    broker_.generation_ += member->second.held.erase(number);
  }

  FakeKafka& broker_;
  const bool alone_;
  uint64_t id_ = 0;
  bool expelled_ = false;
  std::map<uint32_t, int64_t> assigned_;
  std::set<uint32_t> paused_, ended_;
  std::set<KafkaPartition> seen_;
  std::vector<KafkaRebalance> events_;
  std::optional<KafkaClaimed> answer_;
  uint64_t slow_ = 0;
};

std::unique_ptr<KafkaConsumer> FakeKafka::consumer(bool alone) { return std::make_unique<FakeConsumer>(*this, alone); }

uint64_t FakeKafka::join(FakeConsumer* consumer) {
  members_[++last_member_].consumer = consumer;
  ++generation_;
  targets_.clear();
  return last_member_;
}

void FakeKafka::leave(uint64_t id) {
  if (die_) {
    members_[id].consumer = nullptr;
    return;
  }
  members_.erase(id);
  ++generation_;
  targets_.clear();
}

void FakeKafka::expel(uint64_t id) {
  const Member member = members_[id];
  members_.erase(id);
  ++generation_;
  targets_.clear();
  if (member.consumer)
    member.consumer->expel(member.held);
}

void FakeKafka::expel_one() {
  if (members_.empty())
    return;
  auto member = members_.begin();
  std::advance(member, static_cast<ptrdiff_t>(below(members_.size())));
  expel(member->first);
}

bool FakeKafka::apply(const Request& request) {
  if (!members_.contains(request.member) || request.generation != generation_)
    return false;
  for (const auto& [partition, claim] : request.offsets)
    committed_[partition] = {claim.first, claim.second};
  return true;
}

void FakeKafka::step() {
  if (!late_.empty() && (healed_ || below(3) == 0)) {
    (void)apply(late_.front());
    late_.pop_front();
  }
  std::vector<uint64_t> dead;
  for (const auto& [id, member] : members_)
    if (!member.consumer && (healed_ || below(5) == 0))
      dead.push_back(id);
  for (const uint64_t id : dead)
    expel(id);
  if (bad_luck(10))
    targets_.clear();  // the assignor thinks again
  move_partitions();
}

void FakeKafka::move_partitions() {
  if (members_.empty())
    return;
  const uint64_t turn = below(members_.size());
  for (uint32_t number = 0; number < logs_.size(); ++number) {
    if (!targets_.contains(number)) {
      auto member = members_.begin();
      std::advance(member, static_cast<ptrdiff_t>((turn + number) % members_.size()));
      targets_[number] = member->first;
    }
    const auto holder = std::find_if(members_.begin(), members_.end(),
                                     [&](const auto& member) { return member.second.held.contains(number); });
    Member& target = members_[targets_[number]];
    if (holder == members_.end() && target.consumer) {
      target.held.insert(number);
      ++generation_;
      target.consumer->tell(KafkaRebalance::Kind::kAssigned, {number});
    } else if (holder != members_.end() && holder->first != targets_[number] && holder->second.consumer &&
               holder->second.told.insert(number).second) {
      holder->second.consumer->tell(KafkaRebalance::Kind::kRevoked, {number});
    }
  }
}

}  // namespace penstock::test
