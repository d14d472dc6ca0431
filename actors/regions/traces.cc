#include "actors/regions/traces.h"

#include <algorithm>

namespace penstock {

std::string TracedRecord::record() const {
  return log + "/" + std::to_string(partition.value()) + "/" + std::to_string(offset.value());
}

void Traces::open(std::string store_id, std::set<std::string> source_logs) {
  store_id_ = std::move(store_id);
  sources_ = std::move(source_logs);
}

TracedRecord Traces::traced(const std::string& log, Partition partition, Offset offset, const Place& place) const {
  TracedRecord out{place.trace, {}, log, partition, offset, place.begun};
  out.span = span_named(out.trace, out.record());
  return out;
}

// Places first to last, by offset. What a client or another record began is not begun anew by its offset.
std::vector<std::pair<Offset, Traces::Place>> Traces::between(const std::string& log, Partition partition, Offset first,
                                                              Offset last, Timestamp taken) const {
  std::map<Offset, Place> found;
  if (places_.load(std::memory_order_relaxed) > 0) {
    const std::lock_guard lock(mutex_);
    if (const auto known = followed_.find({log, partition}); known != followed_.end())
      for (auto at = known->second.lower_bound(first); at != known->second.end() && at->first <= last; ++at)
        found.insert(*at);
  }
  if (rule_.every > 0 && sources_.contains(log)) {
    const uint64_t behind = first.value() % rule_.every;
    for (uint64_t offset = first.value() + (behind == 0 ? 0 : rule_.every - behind); offset <= last.value();
         offset += rule_.every) {
      const TracedRecord place{{}, {}, log, partition, Offset(offset), {}};
      found.emplace(Offset(offset), Place{trace_named(store_id_ + "/" + place.record()), taken});
    }
  }
  return {found.begin(), found.end()};
}

std::vector<Traces::Row> Traces::in(const std::string& log, const RecordBatch& batch) const {
  std::vector<Row> out;
  if (!batch.origin() || batch.rows() == 0)
    return out;
  const Origin& origin = *batch.origin();
  Offset first = origin.first, last = origin.first.next(batch.physical_rows() - 1);
  if (origin.offsets) {
    const auto [least, most] = std::minmax_element(origin.offsets->begin(), origin.offsets->end());
    first = Offset(*least), last = Offset(*most);
  }
  const auto places = between(log, origin.partition, first, last, origin.ingested);
  if (places.empty())
    return out;
  const auto add = [&](size_t row, const std::pair<Offset, Place>& at) {
    out.push_back({row, traced(log, origin.partition, at.first, at.second)});
  };
  if (!origin.offsets && batch.selection() == nullptr) {
    for (const auto& at : places)
      add(at.first.value() - first.value(), at);
    return out;
  }
  for (size_t i = 0; i < batch.rows(); ++i) {
    const auto at = std::lower_bound(places.begin(), places.end(), batch.offset(i),
                                     [](const auto& place, Offset offset) { return place.first < offset; });
    if (at != places.end() && at->first == batch.offset(i))
      add(i, *at);
  }
  return out;
}

std::vector<TracedRecord> Traces::among(const std::string& log, Partition partition, Offset first, uint64_t records,
                                        Timestamp taken) const {
  std::vector<TracedRecord> out;
  if (records > 0)
    for (const auto& [offset, place] : between(log, partition, first, first.next(records - 1), taken))
      out.push_back(traced(log, partition, offset, place));
  return out;
}

TracedRecord Traces::follow(const TraceId& trace, const std::string& log, Partition partition, Offset offset,
                            Timestamp begun) {
  const std::lock_guard lock(mutex_);
  const Place place{trace, begun};
  if (followed_[{log, partition}].insert_or_assign(offset, place).second)
    order_.emplace_back(Log(log, partition), offset);
  while (order_.size() > kMostPlaces) {
    if (const auto oldest = followed_.find(order_.front().first); oldest != followed_.end()) {
      oldest->second.erase(order_.front().second);
      if (oldest->second.empty())
        followed_.erase(oldest);
    }
    order_.pop_front();
  }
  places_ = order_.size();
  return traced(log, partition, offset, place);
}

void Traces::forget(const TracedRecord& record) {
  const std::lock_guard lock(mutex_);
  const auto found = followed_.find({record.log, record.partition});
  if (found == followed_.end())
    return;
  const auto place = found->second.find(record.offset);
  if (place == found->second.end() || place->second.trace != record.trace)
    return;
  found->second.erase(place);
  std::erase(order_, std::pair(Log(record.log, record.partition), record.offset));
  places_ = order_.size();
}

void Traces::learnt(const std::string& user, Learnt what) {
  const std::lock_guard lock(mutex_);
  untrained_.push_back(what);
  if (untrained_.size() > kMostWaiting)
    untrained_.pop_front();
  std::vector<Learnt>& of_user = waiting_[user];
  for (Learnt& known : of_user)
    if (known.record.record() == what.record.record() && known.model == what.model) {
      known = std::move(what);  // its region has read it again
      return;
    }
  of_user.push_back(std::move(what));
  waiting_order_.push_back(user);
  while (waiting_order_.size() > kMostWaiting) {
    if (const auto oldest = waiting_.find(waiting_order_.front()); oldest != waiting_.end()) {
      oldest->second.erase(oldest->second.begin());
      if (oldest->second.empty())
        waiting_.erase(oldest);
    }
    waiting_order_.pop_front();
  }
  waits_ = waiting_.size();
}

std::vector<TracedRecord> Traces::trained(const std::string& model,
                                          const std::vector<std::pair<std::string, uint64_t>>& read_to) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, TracedRecord> found;  // a record that was read again is told once
  std::erase_if(untrained_, [&](const Learnt& learnt) {
    const TracedRecord& record = learnt.record;
    if (learnt.model != model)
      return false;
    for (const auto& [partition, next] : read_to)
      if (partition == record.log + "/" + std::to_string(record.partition.value()) && record.offset.value() < next) {
        found.emplace(record.record(), record);
        return true;
      }
    return false;
  });
  std::vector<TracedRecord> out;
  out.reserve(found.size());
  for (auto& [name, record] : found)
    out.push_back(std::move(record));
  return out;
}

std::vector<Traces::Learnt> Traces::answered(const std::string& user) const {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(user);
  if (found == waiting_.end())
    return {};
  for (Learnt& waiting : found->second)
    ++waiting.answers;
  std::vector<Learnt> out = found->second;
  std::erase_if(found->second, [&](const Learnt& waiting) {
    if (waiting.answers < kAnswers)
      return false;
    if (const auto at = std::find(waiting_order_.begin(), waiting_order_.end(), user); at != waiting_order_.end())
      waiting_order_.erase(at);
    return true;
  });
  if (found->second.empty())
    waiting_.erase(found);
  waits_ = waiting_.size();
  return out;
}

}  // namespace penstock
