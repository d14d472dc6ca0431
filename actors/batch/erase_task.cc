#include "actors/batch/batch_task.h"

namespace penstock {
namespace {

constexpr size_t kErasedAStep = 4096;

class EraseTask final : public BatchTask {
 public:
  EraseTask(const Store& store, std::vector<std::string> tables) : store_(store), tables_(std::move(tables)) {}

  Result<Step> step() override {
    Step step;
    while (!tables_.empty()) {
      WriteBatch write;
      PENSTOCK_TRY(store_.scan(tables_.back(), "", [&](std::string_view key, std::string_view) {
        write.erase(tables_.back(), std::string(key));
        return write.puts.size() < kErasedAStep;
      }));
      if (!write.puts.empty()) {
        step.write = std::move(write);
        return step;
      }
      tables_.pop_back();
    }
    step.finished = true;
    return step;
  }

 private:
  const Store& store_;
  std::vector<std::string> tables_;
};

}  // namespace

std::unique_ptr<BatchTask> make_erase_task(const Store& store, std::vector<std::string> tables) {
  return std::make_unique<EraseTask>(store, std::move(tables));
}

}  // namespace penstock
