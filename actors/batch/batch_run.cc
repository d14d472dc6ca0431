#include "actors/batch/batch_run.h"

#include <algorithm>

namespace penstock {

BatchRun::BatchRun(BatchRecord of, ViewPlan plan, Store& store, const Clock& clock, const BatchLimits& limits)
    : record(std::move(of)), parts_(limits.parts) {
  context = std::make_shared<RunContext>(
      RunContext{std::move(plan), &store, &clock, record.outputs(), record.result(), limits, {}});
}

Status BatchRun::load() {
  Status damage;
  Store& store = *context->store;
  PENSTOCK_TRY(store.scan(context->outputs, "s", [&](std::string_view, std::string_view value) {
    auto shard = decode_shard(value);
    if (shard.ok())
      shards_.push_back(std::move(shard).value());
    else
      damage = shard.status();
    return damage.ok();
  }));
  PENSTOCK_TRY(damage);
  maps_.resize(shards_.size());
  for (uint32_t shard = 0; shard < shards_.size(); ++shard) {
    PENSTOCK_ASSIGN(const auto value, store.get(context->outputs, map_key(shard)));
    if (value) {
      PENSTOCK_ASSIGN(maps_[shard], decode_map(*value, context->limits.parts));
    }
  }
  for (uint32_t part = 0; part < parts_.size(); ++part) {
    PENSTOCK_ASSIGN(const auto value, store.get(context->outputs, reduce_key(part)));
    if (value) {
      PENSTOCK_ASSIGN(parts_[part], decode_reduce(*value));
    }
  }
  resumed = true;
  return ok();
}

Status BatchRun::add_shards(const std::vector<ReadPosition>& read, WriteBatch& write) {
  std::vector<Shard> gaps;
  uint64_t records = 0;
  for (const ViewPlan::Log& log : context->plan.logs)
    for (const ReadPosition& position : read) {
      if (position.log != log.name)
        continue;
      PENSTOCK_ASSIGN(const LogRange range, context->store->range(log.name, position.partition));
      if (range.first > Offset(0))
        return failed_precondition("the log \"" + log.name + "\" has dropped its first " +
                                   std::to_string(range.first.value()) +
                                   " records: what the view knows of them cannot be recomputed");
      Shard gap{log.name, position.partition, Offset(0), position.next};
      for (const Shard& shard : shards_)
        if (shard.log == gap.log && shard.partition == gap.partition)
          gap.from = std::max(gap.from, shard.to);
      if (gap.to <= gap.from)
        continue;
      records += gap.to.value() - gap.from.value();
      gaps.push_back(std::move(gap));
    }
  const BatchLimits& limits = context->limits;
  const uint64_t size = std::max(limits.shard_records, records / limits.most_shards + 1);
  for (const Shard& gap : gaps)
    for (Offset from = gap.from; from < gap.to; from = from.next(size)) {
      const Shard shard{gap.log, gap.partition, from, std::min(gap.to, from.next(size))};
      write.put(context->outputs, shard_key(static_cast<uint32_t>(shards_.size())), encode_shard(shard));
      shards_.push_back(shard);
    }
  maps_.resize(shards_.size());
  return ok();
}

uint32_t BatchRun::count() const {
  if (phase == Phase::kMapping)
    return static_cast<uint32_t>(maps_.size());
  return phase == Phase::kReducing ? static_cast<uint32_t>(parts_.size()) : 0;
}

bool BatchRun::is_done(const Work& work) const {
  return work.kind == Work::Kind::kMap ? maps_[work.number].has_value() : parts_[work.number].has_value();
}

bool BatchRun::is_leased(const Work& work, int64_t now_nanos) const {
  return std::any_of(leases_.begin(), leases_.end(), [&](const auto& held) {
    const Lease& lease = held.second;
    return lease.work.kind == work.kind && lease.work.number == work.number &&
           now_nanos - lease.since < context->limits.patience.micros * 1000;
  });
}

std::optional<BatchRun::Work> BatchRun::take(uint32_t worker, int64_t now_nanos) {
  const auto kind = phase == Phase::kMapping ? Work::Kind::kMap : Work::Kind::kReduce;
  for (uint32_t number = 0; number < count(); ++number) {
    Work work{kind, number, 0};
    if (is_done(work) || is_leased(work, now_nanos))
      continue;
    uint32_t& attempts = attempts_[{static_cast<int>(kind), number}];
    retries_ += attempts > 0;
    // Attempts of a life before this one count, too: their blocks may be there.
    work.attempt = (eras << 16) + ++attempts + (record.resumed << 24);
    leases_[worker] = {work, now_nanos};
    return work;
  }
  return std::nullopt;
}

bool BatchRun::holds(uint32_t worker, const Work& work, int64_t now_nanos) {
  const auto lease = leases_.find(worker);
  if (lease == leases_.end() || lease->second.work != work || is_done(work))
    return false;
  lease->second.since = now_nanos;
  return true;
}

Status BatchRun::finished(uint32_t worker, const Work& work) {
  leases_.erase(worker);
  Store& store = *context->store;
  PENSTOCK_ASSIGN(
      const auto value,
      store.get(context->outputs, work.kind == Work::Kind::kMap ? map_key(work.number) : reduce_key(work.number)));
  if (!value)
    return data_loss("a finished task of the batch run " + record.id() + " left nothing");
  if (work.kind == Work::Kind::kMap) {
    PENSTOCK_ASSIGN(maps_[work.number], decode_map(*value, context->limits.parts));
  } else {
    PENSTOCK_ASSIGN(parts_[work.number], decode_reduce(*value));
  }
  return ok();
}

Status BatchRun::give_back(uint32_t worker, const std::string& reason) {
  const auto lease = leases_.find(worker);
  if (lease == leases_.end())
    return ok();
  const Work work = lease->second.work;
  leases_.erase(lease);
  if (attempts_[{static_cast<int>(work.kind), work.number}] < context->limits.attempts)
    return ok();
  return internal_error("a task failed " + std::to_string(context->limits.attempts) +
                        " times; the last time: " + reason);
}

std::unique_ptr<BatchTask> BatchRun::make(const Work& work) const {
  if (work.kind == Work::Kind::kMap)
    return make_map_task(*context, work.number, shards_[work.number], work.attempt, shards_.size());
  // Rows of one partition came in the order of their offsets.
  std::vector<uint32_t> order(shards_.size());
  for (uint32_t shard = 0; shard < order.size(); ++shard)
    order[shard] = shard;
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::tie(shards_[a].log, shards_[a].partition, shards_[a].from) <
           std::tie(shards_[b].log, shards_[b].partition, shards_[b].from);
  });
  std::vector<MapPart> outputs;
  for (const uint32_t shard : order) {
    MapPart part{shard, maps_[shard]->attempt, {}};
    for (const std::vector<uint32_t>& blocks : maps_[shard]->blocks)
      part.blocks.push_back(blocks[work.number]);
    outputs.push_back(std::move(part));
  }
  return make_reduce_task(*context, work.number, std::move(outputs));
}

bool BatchRun::phase_done() const {
  const auto kind = phase == Phase::kMapping ? Work::Kind::kMap : Work::Kind::kReduce;
  for (uint32_t number = 0; number < count(); ++number)
    if (!is_done({kind, number, 0}))
      return false;
  return true;
}

void BatchRun::begin_reducing() {
  phase = Phase::kReducing;
  for (auto& part : parts_)
    if (part && part->shards != shards_.size())
      part.reset();
}

uint64_t BatchRun::tasks_done() const {
  const auto is_there = [](const auto& output) { return output.has_value(); };
  return static_cast<uint64_t>(std::count_if(maps_.begin(), maps_.end(), is_there) +
                               std::count_if(parts_.begin(), parts_.end(), is_there));
}

uint64_t BatchRun::keys() const {
  uint64_t keys = 0;
  for (const auto& part : parts_)
    keys += part ? part->keys : 0;
  return keys;
}

BatchRunStatus BatchRun::status(Timestamp now) const {
  BatchRunStatus status;
  status.run = record.id();
  status.view = record.view;
  status.owner = record.owner;
  status.purpose = record.purpose;
  status.started = record.started;
  status.message = record.message;
  status.eras = eras;
  status.retries = retries_;
  status.tasks = maps_.size() + parts_.size();
  status.tasks_done = tasks_done();
  for (size_t shard = 0; shard < shards_.size(); ++shard) {
    status.records += shards_[shard].to.value() - shards_[shard].from.value();
    if (maps_[shard]) {
      status.records_done += maps_[shard]->records;
      status.rejected += maps_[shard]->rejected;
    }
  }
  static constexpr const char* kPhases[] = {"waiting", "mapping", "reducing", "landing"};
  static constexpr const char* kStates[] = {"", "", "done", "failed", "cancelled"};
  const bool over = record.state != BatchState::kUnderWay;
  status.state = over ? kStates[static_cast<size_t>(record.state)] : kPhases[static_cast<size_t>(phase)];
  status.keys = over ? record.keys : keys();
  status.version = record.state == BatchState::kDone && record.purpose == BatchPurpose::kLand ? record.number : 0;
  status.differences = record.differences;
  for (const EntryDifference& difference : first_differences)
    status.first_differences.push_back({difference.key, difference.history, difference.view});
  status.seconds = static_cast<double>((over ? record.ended : now).micros - record.started.micros) * 1e-6;
  return status;
}

}  // namespace penstock
