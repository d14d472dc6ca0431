#include "actors/sinks/kafka.h"

#include <algorithm>
#include <future>
#include <utility>

namespace penstock {
namespace {

constexpr const char* kPosition = "kafka";  // what the store keeps: that the topic's group has the rest
constexpr uint64_t kSmallestBatch = 256;    // bytes
constexpr uint64_t kSmaller = 4;            // times, after a batch was refused

}  // namespace

KafkaSink::KafkaSink(KafkaSinkOptions options)
    : options_(std::move(options)), records_(options_.records), batch_bytes_(options_.producer.batch_bytes) {}

KafkaSink::~KafkaSink() { (void)give_up(ok()); }

// Looks already now whether the brokers and the topic are there, by the first partition's producer.
Status KafkaSink::open(std::string_view) {
  (void)give_up(ok());
  const auto first = part_of(Partition(0));
  return first.ok() ? ok() : give_up(first.status());
}

Result<KafkaSink::Part*> KafkaSink::part_of(Partition partition) {
  const uint32_t number = options_.exactly_once ? partition.value() : 0;
  const auto [found, is_new] = parts_.try_emplace(number);
  if (!is_new)
    return &found->second;
  const Status status = open_part(number, found->second);
  if (status.ok())
    return &found->second;
  keep_failures(*found->second.producer);
  parts_.erase(found);
  return status;
}

Status KafkaSink::open_part(uint32_t partition, Part& part) {
  KafkaProducerOptions options = options_.producer;
  options.batch_bytes = batch_bytes_;
  if (options_.exactly_once)
    options.group = options.transactional_id = options_.name + "." + std::to_string(partition);
  part.producer = std::make_unique<KafkaProducer>(std::move(options));
  PENSTOCK_TRY(part.producer->open());
  if (!options_.exactly_once)
    return ok();
  PENSTOCK_ASSIGN(const KafkaGroupOffset offset, part.producer->committed());
  PENSTOCK_ASSIGN(part.committed, read_mark(offset.offset, offset.metadata));
  part.mark = part.committed;
  return ok();
}

Status KafkaSink::write(const BatchPtr& batch) {
  if (!std::exchange(delivering_, true))
    for (auto& [partition, part] : parts_)
      part.producer->restart_timeout();
  const auto part = part_of(batch->origin()->partition);
  if (!part.ok())
    return give_up(part.status());
  if (!options_.exactly_once) {
    (*part)->changed = true;
    const Status status = put(**part, *batch);
    return status.ok() ? ok() : give_up(status);
  }
  Selection rows;
  KafkaMark& mark = (*part)->mark;
  const Timestamp ingested = batch->origin()->ingested;
  for (size_t i = 0; i < batch->rows(); ++i)
    if (!mark.covers(batch->offset(i), ingested)) {
      rows.push_back(static_cast<uint32_t>(batch->row(i)));
      mark.pass(batch->offset(i), ingested);
    }
  if (rows.empty())
    return ok();
  (*part)->changed = true;
  Status status = (*part)->producer->begin();
  if (status.ok())
    status = put(**part, rows.size() == batch->rows() ? *batch : *batch->select(std::move(rows)));
  return status.ok() ? ok() : give_up(status);
}

Status KafkaSink::put(Part& part, const RecordBatch& batch) {
  return records_.each(batch, part.producer->partitions(),
                       [&](const KafkaMessage& message) { return part.producer->produce(message); });
}

Result<std::string> KafkaSink::sync() {
  delivering_ = false;
  const Status status = confirm();
  if (status.ok())
    return std::string(kPosition);
  return give_up(status);
}

Status KafkaSink::confirm() {
  for (auto& [partition, part] : parts_)
    part.producer->restart_timeout();
  for (auto& [partition, part] : parts_)
    if (part.changed)
      PENSTOCK_TRY(part.producer->flush());
  // All at the same time: a commit is hardly any work and much waiting.
  std::vector<std::future<Status>> commits;
  for (auto& [partition, part] : parts_)
    if (std::exchange(part.changed, false) && options_.exactly_once)
      commits.push_back(std::async(std::launch::async, commit, std::ref(part)));
  Status status;
  for (std::future<Status>& answer : commits)
    if (const Status one = answer.get(); !one.ok())
      status = one;
  return status;
}

Status KafkaSink::commit(Part& part) {
  PENSTOCK_TRY(part.producer->commit({static_cast<int64_t>(part.mark.next), mark_metadata(part.mark)}));
  part.committed = part.mark;
  return ok();
}

Status KafkaSink::give_up(Status status) {
  delivering_ = false;
  for (auto part = parts_.begin(); part != parts_.end();) {
    auto& [producer, committed, mark, changed] = part->second;
    const auto aborted = producer->abort();
    keep_failures(*producer);
    if (producer->refused_batch() == batch_bytes_)
      batch_bytes_ = std::max(batch_bytes_ / kSmaller, kSmallestBatch);
    if (aborted.status().code() == Code::kFailedPrecondition)
      status = aborted.status();
    if (aborted.ok() && *aborted) {
      mark = committed;
      changed = false;
      ++part;
    } else {
      part = parts_.erase(part);
    }
  }
  return status;
}

void KafkaSink::keep_failures(KafkaProducer& producer) {
  for (KafkaFailure& failure : producer.take_failures())
    failures_.push_back(std::move(failure));
}

void KafkaSink::report(monitoring::Monitor& monitor, const monitoring::Origin& origin) {
  for (auto& [partition, part] : parts_)
    keep_failures(*part.producer);
  for (const KafkaFailure& failure : std::exchange(failures_, {}))
    monitor.emit(monitoring::KafkaFailed{origin, failure.error, failure.message});
}

}  // namespace penstock
