#include "actors/regions/log_reader.h"

#include "messages/batch_codec.h"

namespace penstock {
namespace {

constexpr uint64_t kFetchBytes = 1u << 20;  // encoded

}  // namespace

LogReader::LogReader(const Store& store, const BatchCache* cache, std::string log, SchemaPtr schema,
                     std::vector<Offset> start)
    : store_(store), cache_(cache), log_(std::move(log)), schema_(std::move(schema)), next_(std::move(start)) {}

Status LogReader::open(const std::string& owner) {
  PENSTOCK_ASSIGN(const uint32_t partitions, store_.partitions(log_));
  next_.resize(partitions);
  fetched_.resize(partitions);
  if (owner.empty())
    return ok();
  for (uint32_t p = 0; p < partitions; ++p) {
    PENSTOCK_ASSIGN(const auto position, store_.position(owner, log_, Partition(p)));
    if (position)
      next_[p] = *position;
  }
  return ok();
}

Result<BatchPtr> LogReader::next() {
  for (size_t tries = 0; tries < next_.size(); ++tries) {
    const uint32_t p = turn_;
    turn_ = (turn_ + 1) % static_cast<uint32_t>(next_.size());
    auto& queue = fetched_[p];
    if (queue.empty()) {
      PENSTOCK_ASSIGN(auto entries, store_.read(log_, Partition(p), next_[p], kFetchBytes));
      for (LogEntry& entry : entries)
        queue.push_back(std::move(entry));
    }
    if (queue.empty())
      continue;
    const LogEntry entry = std::move(queue.front());
    queue.pop_front();
    return decode(Partition(p), entry);
  }
  return BatchPtr{};
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
  batch = batch->with_origin({partition, entry.first, entry.appended, nullptr});
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

}  // namespace penstock
