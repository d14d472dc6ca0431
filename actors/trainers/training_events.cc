#include "actors/trainers/training_events.h"

#include <algorithm>

#include "actors/aggregators/history.h"
#include "actors/aggregators/interaction_reader.h"
#include "actors/regions/log_reader.h"

namespace penstock {
namespace {

// Users who are in the table alone are not counted: those of the version that serves stand in for them.
uint64_t expected_bytes(const Runtime& runtime, const ModelServer& server) {
  const uint64_t events = records_after(runtime.store, "", server.component().inputs.front());
  uint64_t users = 0, items = 0;
  const ViewRegistry::Workers workers = runtime.views.get(server.id());
  if (const auto* history = workers.empty() ? nullptr : dynamic_cast<const History*>(workers.front().get())) {
    users = history->keys();
    items = history->ids()->size();
  }
  if (const ServingPtr live = server.serving()) {
    users = std::max(users, live->version().users);
    items = std::max(items, live->version().items);
  }
  return server.model()->training_bytes(users, items, events);
}

}  // namespace

Result<EventLog> read_events(Runtime& runtime, const ModelServer& server, ModelVersion& version) {
  const std::string& input = server.component().inputs.front();
  const topology::CheckedTopology& topology = runtime.plan.topology;
  const SchemaPtr& schema = topology.find(input)->binding.output;
  PENSTOCK_ASSIGN(const InteractionReader reader, InteractionReader::make(server.component(), schema));
  LogReader log(runtime.store, nullptr, input, schema);
  PENSTOCK_TRY(log.open(""));
  EventLog events;
  for (;;) {
    if (server.cancelled())
      return cancelled("the training was cancelled");
    PENSTOCK_ASSIGN(const BatchPtr batch, log.next());
    if (!batch)
      break;
    std::vector<Rejected> rejected;  // counted when the history took the same records in
    reader.read(batch, rejected, [&](const InteractionView& seen) {
      events.add({std::string(seen.user), std::string(seen.item), seen.weight, seen.at});
    });
  }
  for (uint32_t p = 0; p < log.positions().size(); ++p)
    version.read_to.emplace_back(input + "/" + std::to_string(p), log.positions()[p].value());
  return events;
}

uint64_t records_after(const Store& store, const std::string& owner, const std::string& log) {
  uint64_t records = 0;
  const auto partitions = store.partitions(log);
  for (uint32_t p = 0; partitions.ok() && p < *partitions; ++p) {
    const auto range = store.range(log, Partition(p));
    const auto position = store.position(owner, log, Partition(p));
    if (range.ok() && position.ok())
      records += range->next.value() - position->value_or(range->first).value();
  }
  return records;
}

uint64_t records_after(const Store& store, const ModelVersion& version, const std::string& log) {
  uint64_t records = 0;
  const auto partitions = store.partitions(log);
  for (uint32_t p = 0; partitions.ok() && p < *partitions; ++p) {
    const auto range = store.range(log, Partition(p));
    if (!range.ok())
      continue;
    const auto read = std::find_if(version.read_to.begin(), version.read_to.end(), [&](const auto& position) {
      return position.first == log + "/" + std::to_string(p);
    });
    const uint64_t from = read == version.read_to.end() ? range->first.value() : read->second;
    records += range->next.value() - std::min(range->next.value(), from);
  }
  return records;
}

TrainingMemory::TrainingMemory(Runtime& runtime, const ModelServer& server)
    : memory_(runtime.memory), part_("training." + server.id()), bytes_(expected_bytes(runtime, server)) {}

Status TrainingMemory::take() {
  if (bytes_ > memory_.free())
    return resource_exhausted("the training needs about " + to_string(Bytes{bytes_}) + " of memory, and of the " +
                              to_string(Bytes{memory_.limit()}) + " of memory_budget " +
                              to_string(Bytes{memory_.used()}) + " are taken: raise memory_budget in settings");
  memory_.set(part_, bytes_);
  return ok();
}

}  // namespace penstock
