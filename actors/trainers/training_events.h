// What a training needs before it begins: the model's events out of their log, and room in the node's memory budget.
#pragma once

#include "actors/servers/model_server.h"
#include "actors/supervision/runtime.h"
#include "models/events.h"
#include "storage/model_repository.h"

namespace penstock {

/// The model's input log from its first kept record to its end; notes in `version` how far that was. Errors: cancelled, of
/// the store.
Result<EventLog> read_events(Runtime& runtime, const ModelServer& server, ModelVersion& version);

/// Records of a log that the owner has not committed yet; of nobody (empty): all that are kept.
uint64_t records_after(const Store& store, const std::string& owner, const std::string& log);
/// Records of the model's input that came after what a version read.
uint64_t records_after(const Store& store, const ModelVersion& version, const std::string& log);

/// Takes the memory of a training out of the node's budget, if it is there, while it lives.
class TrainingMemory {
 public:
  TrainingMemory(Runtime& runtime, const ModelServer& server);
  ~TrainingMemory() { memory_.set(part_, 0); }
  TrainingMemory(const TrainingMemory&) = delete;
  TrainingMemory& operator=(const TrainingMemory&) = delete;

  /// Errors: resource_exhausted.
  Status take();

 private:
  MemoryBudget& memory_;
  const std::string part_;
  const uint64_t bytes_;
};

}  // namespace penstock
