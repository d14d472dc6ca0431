#include "actors/sources/kafka_debts.h"

#include <algorithm>

namespace penstock {

void KafkaDebts::clear() {
  debts_.clear();
  reading_.clear();
  reader_.reset();
}

void KafkaDebts::add(const KafkaPartition& partition, const std::vector<KafkaRange>& ranges) {
  std::vector<KafkaRange>& known = debts_[partition];
  known.insert(known.end(), ranges.begin(), ranges.end());
}

// The first range of each partition, once those of before are read.
Status KafkaDebts::begin(const MakeKafkaConsumer& make) {
  const auto read = [](const auto& entry) { return entry.second.from >= entry.second.to; };
  if (reader_ && !std::all_of(reading_.begin(), reading_.end(), read))
    return ok();
  if (!reader_) {
    PENSTOCK_ASSIGN(reader_, make(true));
  }
  std::map<KafkaPartition, int64_t> starts;
  reading_.clear();
  for (const auto& [partition, ranges] : debts_) {
    reading_[partition] = ranges.front();
    starts[partition] = ranges.front().from;
  }
  return reader_->assign(starts);
}

Status KafkaDebts::read(const MakeKafkaConsumer& make, size_t most, std::vector<KafkaRecord>& records, Read& out) {
  PENSTOCK_TRY(begin(make));
  const size_t before = records.size();
  KafkaPolled polled;
  out.taken = reader_->poll(most, records, polled);
  keep_owed(records, before);
  PENSTOCK_TRY(polled.failure);
  for (const auto& [partition, end] : polled.ends)
    if (KafkaRange& range = reading_[partition]; end >= range.to)
      range.from = range.to;
    else
      PENSTOCK_TRY(skip_lost(partition, out));
  for (const auto& [partition, offset] : polled.out_of_range)
    PENSTOCK_TRY(skip_lost(partition, out));
  take_off_ended(out);
  return out.taken == 0 ? reader_->reach() : ok();
}

// Of the records from number `from` on.
void KafkaDebts::keep_owed(std::vector<KafkaRecord>& records, size_t from) {
  const auto passes = [&](const KafkaRecord& record) {
    KafkaRange& range = reading_[record.partition()];
    if (record.offset() >= range.to)
      range.from = range.to;
    if (record.offset() < range.from || record.offset() >= range.to)
      return true;
    range.from = record.offset() + 1;
    return false;
  };
  const auto begin = records.begin() + static_cast<ptrdiff_t>(from);
  records.erase(std::remove_if(begin, records.end(), passes), records.end());
}

// The broker no longer has all of a range: goes on behind what retention has dropped, or gives up what was cut off.
Status KafkaDebts::skip_lost(const KafkaPartition& partition, Read& out) {
  KafkaRange& range = reading_[partition];
  if (range.from >= range.to)
    return ok();
  PENSTOCK_ASSIGN(const auto bounds, reader_->bounds(partition));
  const auto [low, high] = bounds;
  if (low <= range.from && high >= range.to)
    return ok();
  const int64_t next = low > range.from ? std::min(low, range.to) : range.to;
  const int64_t gone = low > range.from ? range.from : std::max(range.from, high);
  out.losses.push_back({partition, {gone, next}});
  range.from = next;
  std::map<KafkaPartition, int64_t> starts;
  for (const auto& [other, left] : reading_)
    if (left.from < left.to)
      starts[other] = left.from;
  return reader_->assign(starts);
}

void KafkaDebts::take_off_ended(Read& out) {
  for (auto& [partition, range] : reading_) {
    const auto found = debts_.find(partition);
    if (range.from < range.to || found == debts_.end() || found->second.front().to != range.to)
      continue;
    out.ended[partition] = range.to;
    found->second.erase(found->second.begin());
    if (found->second.empty())
      debts_.erase(found);
  }
}

}  // namespace penstock
