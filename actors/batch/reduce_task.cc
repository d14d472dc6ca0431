#include "actors/batch/batch_task.h"
#include "core/fault_points.h"

namespace penstock {
namespace {

class ReduceTask final : public BatchTask {
 public:
  ReduceTask(const RunContext& run, uint32_t part, std::vector<MapPart> outputs)
      : run_(run), part_(part), outputs_(std::move(outputs)) {}

  Result<Step> step() override {
    if (!merger_)
      PENSTOCK_TRY(open());
    PENSTOCK_TRY(hit(FaultPoint::kBatchReduce));
    Step step;
    WriteBatch& write = step.write.emplace();
    for (size_t bytes = 0; !merger_->at_end() && bytes < run_.limits.write_bytes; ++keys_) {
      PENSTOCK_ASSIGN(auto entry, merger_->next());
      bytes += entry.first.size() + entry.second.size() + 16;
      write.put(run_.result, std::move(entry.first), std::move(entry.second));
    }
    step.finished = merger_->at_end();
    if (step.finished)
      write.put(run_.outputs, reduce_key(part_), encode_reduce({static_cast<uint32_t>(outputs_.size()), keys_}));
    return step;
  }

 private:
  Status open() {
    PENSTOCK_ASSIGN(ViewFlow flow, ViewFlow::make(run_.plan, *run_.clock));
    flow_.emplace(std::move(flow));
    std::vector<RunReader> runs;
    for (const MapPart& output : outputs_)
      for (uint32_t run = 0; run < output.blocks.size(); ++run)
        if (output.blocks[run] > 0)
          runs.emplace_back(output.blocks[run],
                            [this, &output, run](uint32_t block) { return fetch(output, run, block); });
    merger_.emplace(std::move(runs), [this](std::string& earlier, std::string_view later) {
      return flow_->view().merge_entries(earlier, later);
    });
    return merger_->open();
  }

  Result<std::string> fetch(const MapPart& output, uint32_t run, uint32_t block) const {
    PENSTOCK_ASSIGN(auto value,
                    run_.store->get(run_.outputs, block_key(output.shard, output.attempt, run, part_, block)));
    if (!value)
      return data_loss("the batch run's table " + run_.outputs + " has lost a block");
    return std::move(*value);
  }

  const RunContext& run_;
  const uint32_t part_;
  const std::vector<MapPart> outputs_;
  std::optional<ViewFlow> flow_;
  std::optional<EntryMerger> merger_;
  uint64_t keys_ = 0;
};

}  // namespace

std::unique_ptr<BatchTask> make_reduce_task(const RunContext& run, uint32_t part, std::vector<MapPart> outputs) {
  return std::make_unique<ReduceTask>(run, part, std::move(outputs));
}

}  // namespace penstock
