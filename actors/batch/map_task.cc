#include <deque>

#include "actors/batch/batch_task.h"
#include "actors/regions/log_reader.h"
#include "core/fault_points.h"
#include "messages/key.h"

namespace penstock {
namespace {

constexpr size_t kRowsAPush =
    4096;  // single records, as HTTP brings them, would cost more on the way than in the stages

class MapTask final : public BatchTask {
 public:
  MapTask(const RunContext& run, uint32_t number, Shard shard, uint32_t attempt, size_t shards)
      : run_(run), number_(number), shard_(std::move(shard)), block_bytes_(run.limits.block_bytes(shards)) {
    output_.attempt = attempt;
  }

  Result<Step> step() override {
    if (!reader_)
      PENSTOCK_TRY(open());
    if (writes_.empty() && !at_end_)
      PENSTOCK_TRY(map());
    Step step;
    if (!writes_.empty()) {
      step.write = std::move(writes_.front());
      writes_.pop_front();
    }
    step.finished = at_end_ && writes_.empty();
    return step;
  }

 private:
  Status open() {
    SchemaPtr schema;
    for (const ViewPlan::Log& log : run_.plan.logs)
      if (log.name == shard_.log)
        schema = log.schema;
    std::vector<Offset> start(shard_.partition.value() + 1);
    start.back() = shard_.from;
    reader_.emplace(*run_.store, nullptr, shard_.log, schema, std::move(start));
    PENSTOCK_TRY(reader_->open(""));
    if (reader_->positions()[shard_.partition.value()] != shard_.from)
      return data_loss("the log \"" + shard_.log + "\" has dropped records that the run was about to read");
    PENSTOCK_ASSIGN(ViewFlow flow, ViewFlow::make(run_.plan, *run_.clock));
    flow_.emplace(std::move(flow));
    if (const auto found = run_.set_aside.find({shard_.log, shard_.partition}); found != run_.set_aside.end())
      set_aside_ = &found->second;
    return ok();
  }

  // A few thousand rows; less at the shard's end, null behind it.
  Result<BatchPtr> read() {
    std::vector<BatchPtr> batches;
    size_t rows = 0;
    while (rows < kRowsAPush) {
      const Offset at = reader_->positions()[shard_.partition.value()];
      if (at >= shard_.to)
        break;
      PENSTOCK_ASSIGN(BatchPtr batch, reader_->next_of(shard_.partition, shard_.to.value() - at.value()));
      if (!batch)
        return data_loss("the log \"" + shard_.log + "\" ends before the offset " + std::to_string(shard_.to.value()));
      rows += batch->rows();
      batches.push_back(without_set_aside(batch));
    }
    output_.records += rows;
    if (batches.empty())
      return BatchPtr();
    return batches.size() == 1 ? batches.front() : concatenate(batches);
  }

  BatchPtr without_set_aside(const BatchPtr& batch) const {
    if (!set_aside_ || !batch->origin())
      return batch;
    Selection kept;
    for (size_t i = 0; i < batch->rows(); ++i)
      if (!set_aside_->contains(Offset(batch->origin()->first.value() + batch->row(i))))
        kept.push_back(static_cast<uint32_t>(batch->row(i)));
    return kept.size() == batch->rows() ? batch : batch->select(std::move(kept));
  }

  Status map() {
    PENSTOCK_TRY(hit(FaultPoint::kBatchMap));
    PENSTOCK_ASSIGN(const BatchPtr rows, read());
    if (rows && rows->rows() > 0)
      PENSTOCK_TRY(flow_->push(shard_.log, rows));
    at_end_ = !rows;
    if (at_end_ || flow_->view().held() > run_.limits.memory)
      PENSTOCK_TRY(write_run());
    if (at_end_) {
      output_.rejected = flow_->rejected();
      WriteBatch& last = writes_.empty() ? writes_.emplace_back() : writes_.back();
      last.put(run_.outputs, map_key(number_), encode_map(output_));
    }
    return ok();
  }

  Status write_run() {
    PENSTOCK_ASSIGN(Entries entries, flow_->take_entries());
    if (entries.empty())
      return ok();
    std::vector<Entries> parts(run_.limits.parts);
    for (auto& entry : entries)
      parts[route_key(entry.first, run_.limits.parts)].push_back(std::move(entry));
    const auto run = static_cast<uint32_t>(output_.blocks.size());
    std::vector<uint32_t>& counts = output_.blocks.emplace_back();
    size_t bytes = 0;
    writes_.emplace_back();
    for (uint32_t part = 0; part < parts.size(); ++part) {
      std::vector<std::string> blocks = to_blocks(parts[part], block_bytes_);
      Entries().swap(parts[part]);
      counts.push_back(static_cast<uint32_t>(blocks.size()));
      for (uint32_t block = 0; block < blocks.size(); ++block) {
        bytes += blocks[block].size();
        writes_.back().put(run_.outputs, block_key(number_, output_.attempt, run, part, block),
                           std::move(blocks[block]));
        if (bytes < run_.limits.write_bytes)
          continue;
        writes_.emplace_back();
        bytes = 0;
      }
    }
    return ok();
  }

  const RunContext& run_;
  const uint32_t number_;
  const Shard shard_;
  const size_t block_bytes_;
  MapOutput output_;
  std::optional<LogReader> reader_;
  std::optional<ViewFlow> flow_;
  const std::set<Offset>* set_aside_ = nullptr;
  std::deque<WriteBatch> writes_;
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<BatchTask> make_map_task(const RunContext& run, uint32_t number, Shard shard, uint32_t attempt,
                                         size_t shards) {
  return std::make_unique<MapTask>(run, number, std::move(shard), attempt, shards);
}

}  // namespace penstock
