#include "actors/regions/log_reader.h"

#include <algorithm>

#include "messages/batch_codec.h"

namespace penstock {
namespace {

constexpr uint64_t kFetchBytes = 1u << 20;  // encoded

}  // namespace

LogReader::LogReader(const Store& store, const BatchCache* cache, std::string log, SchemaPtr schema,
                     std::vector<Offset> start)
    : store_(store), cache_(cache), log_(std::move(log)), schema_(std::move(schema)), next_(std::move(start)) {}

void LogReader::tell_losses(monitoring::Monitor& monitor, const monitoring::Origin& origin) {
  monitor_ = &monitor;
  origin_ = &origin;
}

Status LogReader::open(const std::string& owner) {
  PENSTOCK_ASSIGN(const uint32_t partitions, store_.partitions(log_));
  next_.resize(partitions);
  fetched_.resize(partitions);
  for (uint32_t p = 0; p < partitions; ++p) {
    PENSTOCK_ASSIGN(const LogRange range, store_.range(log_, Partition(p)));
    std::optional<Offset> position;
    if (!owner.empty()) {
      PENSTOCK_ASSIGN(position, store_.position(owner, log_, Partition(p)));
    }
    if (position)
      next_[p] = *position;
    else if (next_[p] == Offset(0))  // from the beginning, as far as it is there
      next_[p] = range.first;
    pass_over(Partition(p), range.first);
  }
  return ok();
}

Result<BatchPtr> LogReader::next() {
  for (size_t tries = 0; tries < next_.size(); ++tries) {
    const uint32_t p = turn_;
    turn_ = (turn_ + 1) % static_cast<uint32_t>(next_.size());
    PENSTOCK_ASSIGN(BatchPtr batch, next_of(Partition(p), UINT64_MAX));
    if (batch)
      return batch;
  }
  return BatchPtr{};
}

Result<BatchPtr> LogReader::next_of(Partition partition, uint64_t max_records) {
  const uint32_t p = partition.value();
  auto& queue = fetched_[p];
  if (queue.empty()) {
    PENSTOCK_ASSIGN(auto entries, store_.read(log_, partition, next_[p], kFetchBytes));
    if (!entries.empty())
      pass_over(partition, entries.front().first);
    for (LogEntry& entry : entries)
      queue.push_back(std::move(entry));
  }
  if (queue.empty())
    return BatchPtr{};
  PENSTOCK_ASSIGN(BatchPtr batch, decode(partition, queue.front()));
  if (batch->rows() <= max_records) {
    queue.pop_front();
    return batch;
  }
  next_[p] = Offset(next_[p].value() - (batch->rows() - max_records));  // the rest of the entry stays for later
  return batch->slice(0, max_records);
}

// The log's oldest record may be newer than the next one to read.
void LogReader::pass_over(Partition partition, Offset oldest) {
  Offset& next = next_[partition.value()];
  if (oldest <= next)
    return;
  if (monitor_ != nullptr)
    monitor_->emit(
        monitoring::RecordsLost{*origin_, log_, partition.value(), next.value(), oldest.value() - next.value()});
  next = oldest;
}

Result<BatchPtr> LogReader::decode(Partition partition, const LogEntry& entry) {
  BatchPtr batch = cache_ ? cache_->get(log_, partition, entry.first) : nullptr;
  if (!batch) {
    auto decoded = decode_batch(entry.bytes, schema_);
    if (!decoded.ok())
      return decoded.status().with_context("log \"" + log_ + "\", partition " + std::to_string(partition.value()) +
                                           ", offset " + std::to_string(entry.first.value()));
    batch = std::move(decoded).value();
  }
  batch = batch->with_origin({partition, entry.first, entry.appended, nullptr, input_});
  Offset& next = next_[partition.value()];
  if (next > entry.first) {  // the position stands inside the entry
    const uint64_t skip = next.value() - entry.first.value();
    batch = batch->slice(skip, batch->rows() - skip);
  }
  next = entry.first.next(entry.records);
  return batch;
}

Result<bool> LogReader::any() const {
  for (uint32_t p = 0; p < next_.size(); ++p) {
    if (!fetched_[p].empty())
      return true;
    PENSTOCK_ASSIGN(const LogRange range, store_.range(log_, Partition(p)));
    if (range.next > next_[p])
      return true;
  }
  return false;
}

Result<uint64_t> LogReader::pending(Partition partition) const {
  PENSTOCK_ASSIGN(const LogRange range, store_.range(log_, partition));
  const Offset from = std::max(next_[partition.value()], range.first);
  return range.next > from ? range.next.value() - from.value() : 0;
}

}  // namespace penstock
