#include "actors/trainers/training.h"

#include <algorithm>

#include "actors/aggregators/history.h"
#include "actors/aggregators/interaction_reader.h"
#include "actors/regions/log_reader.h"
#include "core/fault_points.h"
#include "models/evaluation.h"

namespace penstock {
namespace {

constexpr uint64_t kFewEvents = 100;
constexpr uint64_t kNearlyCaughtUp = 1'000;  // records a region may lag behind a stream that never stops

// The model's input log from its first kept record to its end.
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

// Fits a model on the older events and measures how well it foretells the newest. Too little data: no metrics.
Status measure_on_newest(const Model& model, const EventLog& events, int threads, TrainingProgress& progress,
                         ModelVersion& version) {
  const auto data = split(events, {.protocol = Protocol::kTemporal});
  if (!data.ok())
    return ok();
  EvaluateOptions options;
  options.cutoffs = {10};
  options.seed = version.seed;
  options.threads = threads;
  PENSTOCK_ASSIGN(const EvaluationReport report, evaluate(model, *data, options, progress));
  for (size_t i = 0; i < report.models.size(); ++i)
    for (const MetricValue& metric : report.models[i].metrics)
      version.metrics.emplace_back((i == 0 ? "" : report.models[i].name + ".") + metric.name, metric.interval.value);
  return ok();
}

// Records of a log that the owner has not committed yet; nobody: all that are kept.
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

// Takes the memory of a training out of the node's budget, if it is there, while it lives.
class TrainingMemory {
 public:
  TrainingMemory(Runtime& runtime, const ModelServer& server)
      : memory_(runtime.memory), part_("training." + server.id()), bytes_(expected(runtime, server)) {}
  ~TrainingMemory() { memory_.set(part_, 0); }

  Status take() {
    if (bytes_ > memory_.free())
      return resource_exhausted("the training needs about " + to_string(Bytes{bytes_}) + " of memory, and of the " +
                                to_string(Bytes{memory_.limit()}) + " of memory_budget " +
                                to_string(Bytes{memory_.used()}) + " are taken: raise memory_budget in settings");
    memory_.set(part_, bytes_);
    return ok();
  }

 private:
  // Users who are in the table alone are not counted: those of the version that serves stand in for them.
  static uint64_t expected(const Runtime& runtime, const ModelServer& server) {
    const uint64_t events = records_after(runtime.store, "", server.component().inputs.front());
    uint64_t users = 0, items = 0;
    const ViewRegistry::Workers workers = runtime.views.get(server.id());
    if (const auto* history = workers.empty() ? nullptr : dynamic_cast<const History*>(workers.front().get())) {
      users = history->keys();
      items = history->ids()->size();
    }
    if (const auto live = server.status().live) {
      users = std::max(users, live->users);
      items = std::max(items, live->items);
    }
    return server.model()->training_bytes(users, items, events);
  }

  MemoryBudget& memory_;
  const std::string part_;
  const uint64_t bytes_;
};

}  // namespace

Result<TrainedModel> train_model(Runtime& runtime, const ModelServer& server, TrainingProgress& progress) {
  const int64_t begun = runtime.clock.monotonic_nanos();
  TrainingMemory memory(runtime, server);
  PENSTOCK_TRY(memory.take());
  PENSTOCK_TRY(hit(FaultPoint::kTrain));
  TrainedModel trained;
  ModelVersion& version = trained.version;
  version.model = server.id();
  version.type = server.component().type;
  version.parameters = server.model()->parameters();
  version.seed = static_cast<uint64_t>(server.component().integer("seed"));
  PENSTOCK_ASSIGN(EventLog events, read_events(runtime, server, version));
  if (server.component().number("holdout") > 0)
    PENSTOCK_TRY(measure_on_newest(*server.model(), events, runtime.options.training_threads, progress, version));
  EventLog::Numbered numbered = std::move(events).numbered();
  const Interactions all = make_interactions(std::move(numbered.users), std::move(numbered.items), numbered.events);
  version.users = all.users.size();
  version.items = all.items.size();
  version.interactions = all.events;
  version.first_event = all.first;
  version.last_event = all.last;
  PENSTOCK_ASSIGN(trained.snapshot, server.model()->fit(all, {version.seed, runtime.options.training_threads}, progress));
  version.trained = runtime.clock.now();
  version.seconds = static_cast<double>(runtime.clock.monotonic_nanos() - begun) * 1e-9;
  version.state = ModelState::kLive;
  version.since = version.trained;
  PENSTOCK_ASSIGN(version.version, ModelRepository(runtime.store).add(version, trained.snapshot->save()));
  return trained;
}

bool history_is_read(const Runtime& runtime) {
  for (const std::string& source : runtime.plan.sources) {
    const std::string state = runtime.board.get(source).state;
    if (state != "live" && state != "paused" && state != "finished")
      return false;
  }
  for (const topology::PlannedRegion& region : runtime.plan.regions)
    for (const std::string& log : region.reads)
      if (records_after(runtime.store, region.name, log) > kNearlyCaughtUp)
        return false;
  return true;
}

bool awaits_first_training(const Runtime& runtime, const ModelServer& server) {
  if (server.serves() || server.has_failed() || !server.component().flag("train_at_start"))
    return false;
  return !history_is_read(runtime) || records_after(runtime.store, "", server.component().inputs.front()) >= kFewEvents;
}

}  // namespace penstock
