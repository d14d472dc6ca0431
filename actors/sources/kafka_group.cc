#include "actors/sources/kafka_group.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr size_t kMostRows = 65'536;
constexpr size_t kPolled = 1024;
constexpr int64_t kSecond = 1'000'000'000;      // ns
constexpr int kAnswer = 10'000;                 // ms, to a claim
constexpr int64_t kGiveUpAfter = 60 * kSecond;  // on claims that fail
constexpr int64_t kLookEvery = 5 * kSecond;     // for claims that were recorded after all
constexpr int64_t kLookFor = 90 * kSecond;      // longer than a broker holds a request, or a member that is gone

}  // namespace

void KafkaGroup::open(KafkaPosition stored) {
  leave();
  if (stored.group != options_.group)
    stored = {options_.group, {}, {}};
  position_ = given_ = durable_ = std::move(stored);
}

// Forgets what was not handed over: who joins again finds it as a debt, or unclaimed.
void KafkaGroup::leave() {
  records_.clear();
  bytes_ = 0;
  asked_.clear();
  tenures_.clear();
  waiting_.clear();
  debts_.clear();
  doubts_.clear();
  failing_since_ = 0;
  joined_ = paused_ = false;
  member_.reset();
}

std::vector<KafkaPartition> KafkaGroup::held() const {
  std::vector<KafkaPartition> out;
  for (const auto& [partition, tenure] : tenures_)
    out.push_back(partition);
  return out;
}

// What is ours below it is stored, handed over or about to be.
std::optional<int64_t> KafkaGroup::behind(const KafkaPartition& partition) const {
  std::optional<int64_t> out = position_.stored(partition);
  for (const KafkaRecord& record : records_)
    if (record.partition() == partition)
      out = std::max(out.value_or(0), record.offset() + 1);
  return out;
}

Status KafkaGroup::take(uint64_t max_bytes) {
  if (member_ && member_->claiming())
    return ok();
  if (!joined_)
    PENSTOCK_TRY(join());
  if (records_.empty() && debts_.empty())
    debts_.clear();
  if (paused_) {
    PENSTOCK_TRY(member_->resume(held()));
    paused_ = false;
  }
  PENSTOCK_TRY(poll(max_bytes));
  return claim();
}

// What we owe comes before the group gives us anything: a position stands for all that is ours below it.
Status KafkaGroup::join() {
  if (!member_) {
    PENSTOCK_ASSIGN(member_, make_(false));
  }
  PENSTOCK_ASSIGN(const auto counts, member_->count_partitions());
  debts_.clear();
  std::vector<KafkaPartition> all;
  for (const auto& [topic, count] : counts) {
    position_.partitions.try_emplace(topic, count);
    for (uint32_t number = 0; number < count; ++number)
      all.push_back({topic, number});
  }
  PENSTOCK_ASSIGN(const auto committed, member_->committed(all));
  for (const auto& [partition, found] : committed) {
    PENSTOCK_ASSIGN(const KafkaClaims claims, KafkaClaims::read(found.offset, found.metadata));
    if (const auto ranges = claims.debts(options_.owner, position_.stored(partition)); !ranges.empty())
      debts_.add(partition, ranges);
    // A claim of our former life may reach the broker after this question.
    if (!claims.passed_on(options_.owner))
      doubts_.emplace(partition, clock_.monotonic_nanos());
  }
  PENSTOCK_TRY(member_->subscribe());
  joined_ = true;
  return ok();
}

Status KafkaGroup::poll(uint64_t max_bytes) {
  while (bytes_ < max_bytes && records_.size() < kMostRows) {
    const size_t before = records_.size(), most = std::min(kPolled, kMostRows - before);
    size_t taken = 0;
    if (!debts_.empty()) {
      KafkaDebts::Read read;
      const Status status = debts_.read(make_, most, records_, read);
      for (const auto& [partition, to] : read.ended)
        position_.next[partition] = std::max(position_.next[partition], to);
      losses_.insert(losses_.end(), read.losses.begin(), read.losses.end());
      PENSTOCK_TRY(status);
      taken = read.taken;
    } else {
      if (!waiting_.empty())
        PENSTOCK_TRY(begin_tenures());
      PENSTOCK_TRY(look_for_debts());
      KafkaPolled polled;
      taken = member_->poll(most, records_, polled);
      PENSTOCK_TRY(apply(polled, before));
      if (!joined_)
        return ok();  // it went wrong, and begins anew
    }
    for (size_t i = before; i < records_.size(); ++i)
      bytes_ += records_[i].payload().size();
    if (taken < most && (waiting_.empty() || !debts_.empty()))
      break;
  }
  return records_.empty() ? member_->reach() : ok();
}

// Records from number `before` on have just come.
Status KafkaGroup::apply(const KafkaPolled& polled, size_t before) {
  const KafkaPartition* latest = nullptr;
  Tenure* tenure = nullptr;
  const auto stale = [&](const KafkaRecord& record) {
    if (&record.partition() != latest) {
      latest = &record.partition();
      const auto found = tenures_.find(*latest);
      tenure = found == tenures_.end() ? nullptr : &found->second;
    }
    if (!tenure || record.offset() < tenure->next)
      return true;
    tenure->next = record.offset() + 1;
    return false;
  };
  const auto fresh = records_.begin() + static_cast<ptrdiff_t>(before);
  records_.erase(std::remove_if(fresh, records_.end(), stale), records_.end());
  for (const KafkaRebalance& rebalance : polled.rebalances) {
    if (rebalance.kind == KafkaRebalance::Kind::kAssigned)
      waiting_.insert(rebalance.partitions.begin(), rebalance.partitions.end());
    else
      revoke(rebalance);
    rebalances_.push_back(rebalance);
  }
  for (const auto& [partition, offset] : polled.out_of_range)
    PENSTOCK_TRY(move_into_range(partition, offset));
  return polled.failure;
}

// What is claimed stays ours; the rest the next owner reads.
void KafkaGroup::revoke(const KafkaRebalance& rebalance) {
  for (const KafkaPartition& partition : rebalance.partitions) {
    waiting_.erase(partition);
    const auto found = tenures_.find(partition);
    if (found == tenures_.end())
      continue;
    const Tenure& tenure = found->second;
    std::erase_if(records_, [&](const KafkaRecord& record) {
      return record.partition() == partition && record.offset() >= tenure.claimed;
    });
    if (tenure.doubtful)
      doubts_[partition] = clock_.monotonic_nanos();
    tenures_.erase(found);
  }
  bytes_ = 0;
  for (const KafkaRecord& record : records_)
    bytes_ += record.payload().size();
  if (!member_->unassign(rebalance.partitions).ok())
    leave();
}

Status KafkaGroup::begin_tenures() {
  PENSTOCK_ASSIGN(const auto committed, member_->committed({waiting_.begin(), waiting_.end()}));
  std::map<KafkaPartition, Tenure> begun;
  std::map<KafkaPartition, int64_t> starts;
  bool owing = false;
  for (const auto& [partition, found] : committed) {
    Tenure& tenure = begun[partition];
    const auto stored = behind(partition);
    PENSTOCK_ASSIGN(tenure.claims, KafkaClaims::read(found.offset, found.metadata));
    if (const auto ranges = tenure.claims.debts(options_.owner, stored); !ranges.empty()) {
      debts_.add(partition, ranges);
      owing = true;
    }
    const auto start = tenure.claims.start(stored);
    if (start) {
      tenure.next = *start;
    } else {
      PENSTOCK_ASSIGN(tenure.next, first_offset(partition));
    }
    tenure.claimed = found.offset == tenure.next ? tenure.next : -1;
    tenure.claims.begin(options_.owner, tenure.next, durable_.stored(partition).value_or(0));
    starts[partition] = tenure.next;
  }
  if (owing)
    return ok();  // they come first
  for (const auto& [partition, tenure] : begun)
    doubts_.erase(partition);
  waiting_.clear();
  tenures_.merge(begun);
  const Status assigned = member_->assign(starts);
  if (!assigned.ok())
    leave();
  else if (paused_)
    PENSTOCK_TRY(member_->pause(held()));
  return assigned;
}

// Of a partition that nobody has read. One that was added later has nothing from before `start`.
Result<int64_t> KafkaGroup::first_offset(const KafkaPartition& partition) {
  const auto known = position_.partitions.find(partition.topic);
  const bool added = known != position_.partitions.end() && partition.number >= known->second;
  if (options_.start.kind == KafkaStart::Kind::kTime && !added)
    return member_->offset_at(partition, options_.start.millis);
  PENSTOCK_ASSIGN(const auto bounds, member_->bounds(partition));
  return options_.start.kind == KafkaStart::Kind::kLatest && !added ? bounds.second : bounds.first;
}

// The broker has no record at the offset where we would go on: retention has dropped it, or the topic is not the one of before.
Status KafkaGroup::move_into_range(const KafkaPartition& partition, int64_t offset) {
  const auto found = tenures_.find(partition);
  if (found == tenures_.end() || found->second.next != offset)
    return ok();
  PENSTOCK_ASSIGN(const auto bounds, member_->bounds(partition));
  const auto [low, high] = bounds;
  if (offset > high) {
    leave();
    return unavailable("the partition " + partition.to_string() + " ends at offset " + std::to_string(high) +
                       ", but it was read up to " + std::to_string(offset) +
                       ": the topic was made anew, or its log was cut; to read it from its start, change `group`");
  }
  Tenure& tenure = found->second;
  if (low > offset) {
    losses_.push_back({partition, {offset, low}});
    tenure.next = low;
  }
  PENSTOCK_TRY(member_->unassign({partition}));
  return member_->assign({{partition, tenure.next}});
}

// A claim of which no answer came, of a partition that went to somebody else, may have been recorded.
Status KafkaGroup::look_for_debts() {
  const int64_t now = clock_.monotonic_nanos();
  if (doubts_.empty() || now < next_look_)
    return ok();
  next_look_ = now + kLookEvery;
  std::vector<KafkaPartition> asked;
  for (const auto& [partition, since] : doubts_)
    if (!tenures_.contains(partition) && !waiting_.contains(partition))
      asked.push_back(partition);
  if (asked.empty())
    return ok();
  PENSTOCK_ASSIGN(const auto committed, member_->committed(asked));
  for (const auto& [partition, found] : committed) {
    PENSTOCK_ASSIGN(const KafkaClaims claims, KafkaClaims::read(found.offset, found.metadata));
    if (const auto ranges = claims.debts(options_.owner, behind(partition)); !ranges.empty())
      debts_.add(partition, ranges);
    if (claims.passed_on(options_.owner) || now - doubts_[partition] > kLookFor)
      doubts_.erase(partition);
  }
  return ok();
}

Status KafkaGroup::claim() {
  asked_.clear();
  for (const auto& [partition, tenure] : tenures_)
    if (tenure.next > tenure.claimed)
      asked_[partition] = tenure.next;
  if (asked_.empty())
    return ok();
  std::map<KafkaPartition, std::pair<int64_t, std::string>> offsets;
  for (const auto& [partition, to] : asked_) {
    KafkaClaims claims = tenures_[partition].claims;
    claims.claim(to);
    offsets[partition] = {to, claims.metadata()};
  }
  return member_->claim(offsets);
}

Result<bool> KafkaGroup::claimed() {
  if (!member_ || !member_->claiming())
    return asked_.empty();
  const int64_t now = clock_.monotonic_nanos();
  const std::optional<KafkaClaimed> answer = member_->claimed(kAnswer);
  for (const KafkaPartition& partition : answer ? answer->partitions : std::vector<KafkaPartition>{}) {
    Tenure& tenure = tenures_[partition];
    tenure.claimed = asked_[partition];
    tenure.claims.claim(tenure.claimed);
    tenure.doubtful = false;
    asked_.erase(partition);
  }
  if (asked_.empty()) {
    failing_since_ = 0;
    return true;
  }
  for (const auto& [partition, to] : asked_)
    tenures_[partition].doubtful = true;
  failing_since_ = failing_since_ ? failing_since_ : now;
  if (now - failing_since_ > kGiveUpAfter)
    leave();
  if (!answer)
    return unavailable("the group " + options_.group + " has not answered a claim for " +
                       std::to_string((clock_.monotonic_nanos() - failing_since_) / kSecond) +
                       " s; is the broker that coordinates it well?");
  PENSTOCK_TRY(answer->failure);
  return false;
}

std::string KafkaGroup::hand_over() {
  const KafkaPartition* latest = nullptr;
  for (size_t i = records_.size(); i-- > 0;) {
    const KafkaRecord& record = records_[i];
    if (&record.partition() == latest)
      continue;
    latest = &record.partition();
    int64_t& next = position_.next[*latest];
    if (record.offset() < next)
      continue;
    next = record.offset() + 1;
    if (const auto tenure = tenures_.find(*latest); tenure != tenures_.end())
      tenure->second.time = record.timestamp_millis();
  }
  records_.clear();
  bytes_ = 0;
  durable_ = std::exchange(given_, position_);
  return position_.encode();
}

void KafkaGroup::keep_alive() {
  if (!joined_ || member_->claiming())
    return;
  if (!paused_ && !tenures_.empty() && !member_->pause(held()).ok())
    return;
  paused_ = true;
  const size_t before = records_.size();
  KafkaPolled polled;
  (void)member_->poll(1, records_, polled);
  (void)apply(polled, before);
  if (joined_ && !waiting_.empty() && debts_.empty())
    (void)begin_tenures();
}

void KafkaGroup::report(monitoring::Monitor& monitor, const monitoring::Origin& origin) {
  using Kind = KafkaRebalance::Kind;
  for (const KafkaRebalance& rebalance : std::exchange(rebalances_, {})) {
    std::string names;
    for (const KafkaPartition& partition : rebalance.partitions) {
      names += (names.empty() ? "" : ", ") + partition.to_string();
      if (rebalance.kind != Kind::kAssigned)
        monitor.emit(monitoring::KafkaLag{origin, partition.topic, partition.number, 0, 0});
    }
    const char* kind = rebalance.kind == Kind::kAssigned  ? "assigned"
                       : rebalance.kind == Kind::kRevoked ? "revoked"
                                                          : "lost";
    monitor.emit(monitoring::KafkaRebalanced{origin, kind, names, tenures_.size() + waiting_.size()});
  }
  for (const KafkaLoss& loss : std::exchange(losses_, {}))
    monitor.emit(monitoring::RecordsLost{origin, loss.partition.topic, loss.partition.number,
                                         static_cast<uint64_t>(loss.range.from),
                                         static_cast<uint64_t>(loss.range.to - loss.range.from)});
  if (!member_)
    return;
  const int64_t now = clock_.now().micros / 1000;
  for (const auto& [partition, tenure] : tenures_) {
    const int64_t end = member_->end(partition).value_or(0);
    const int64_t behind = end - std::max(tenure.next, member_->position(partition).value_or(0));
    const bool late = behind > 0 && tenure.time;
    monitor.emit(monitoring::KafkaLag{origin, partition.topic, partition.number,
                                      static_cast<uint64_t>(std::max<int64_t>(0, behind)),
                                      late ? static_cast<double>(now - *tenure.time) / 1000 : 0});
  }
  member_->report(monitor, origin);
}

}  // namespace penstock
