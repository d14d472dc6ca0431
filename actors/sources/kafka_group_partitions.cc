// Which partitions a member of a consumer group has, and where it begins in them.
#include <algorithm>

#include "actors/sources/kafka_group.h"

namespace penstock {
namespace {

constexpr int64_t kSecond = 1'000'000'000;   // ns
constexpr int64_t kLookEvery = 5 * kSecond;  // for claims that were recorded after all
constexpr int64_t kLookFor = 90 * kSecond;   // longer than a broker holds a request, or a member that is gone

}  // namespace

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
    if (!joined_)
      return ok();  // an answer was refused: all begins anew
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
  Status assigned = member_->assign(starts);
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

}  // namespace penstock
