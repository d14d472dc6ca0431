#include "actors/sources/kafka_group.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr size_t kMostRows = 65'536;
constexpr size_t kPolled = 1024;
constexpr int64_t kSecond = 1'000'000'000;      // ns
constexpr int kAnswer = 10'000;                 // ms, to a claim
constexpr int64_t kGiveUpAfter = 60 * kSecond;  // on claims that fail

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
  const int64_t failing = clock_.monotonic_nanos() - failing_since_;
  // A claim that is under way still must not be followed by others, which it might undo: as a new member we are safe from it.
  if (failing > kGiveUpAfter || (answer && answer->in_doubt))
    leave();
  if (!answer)
    return unavailable("the group " + options_.group + " has not answered a claim for " +
                       std::to_string(failing / kSecond) + " s; is the broker that coordinates it well?");
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
  bool asks = paused_;  // nothing is fetched then from which the end would be known
  for (const auto& [partition, tenure] : tenures_) {
    int64_t end = member_->end(partition).value_or(0);
    if (asks) {
      const auto bounds = member_->bounds(partition);
      asks = bounds.ok();  // the broker is away: not for each partition
      end = bounds.ok() ? bounds->second : end;
    }
    const int64_t behind = end - std::max(tenure.next, member_->position(partition).value_or(0));
    const bool late = behind > 0 && tenure.time;
    monitor.emit(monitoring::KafkaLag{origin, partition.topic, partition.number,
                                      static_cast<uint64_t>(std::max<int64_t>(0, behind)),
                                      late ? static_cast<double>(now - *tenure.time) / 1000 : 0});
  }
  member_->report(monitor, origin);
}

}  // namespace penstock
