#include "actors/trainers/training.h"

#include <algorithm>

#include "actors/aggregators/interaction_reader.h"
#include "actors/regions/trace_step.h"
#include "actors/trainers/feature_reader.h"
#include "actors/trainers/gate.h"
#include "actors/trainers/phased_progress.h"
#include "actors/trainers/training_events.h"
#include "core/fault_points.h"
#include "models/evaluation.h"
#include "models/registry.h"

namespace penstock {
namespace {

constexpr uint64_t kFewEvents = 100;
constexpr uint64_t kNearlyCaughtUp = 1'000;  // records a region may lag behind a stream that never stops

SumOptions sums_of(const ModelServer& server) {
  return {.times = server.model()->needs().times, .half_life = half_life_of(server.component())};
}

// Fits a model on the older events and measures how well it foretells the newest; the same for the live version. Too
// little data: no metrics, and it passes.
Result<GateVerdict> measure_on_newest(const Runtime& runtime, ModelServer& server, const EventLog& events,
                                      const KnownFeatures& features, PhasedProgress& progress, ModelVersion& version) {
  const ServingPtr live = server.serving();
  const double share = server.component().number("holdout");
  if (share <= 0)
    return GateVerdict{true, "not measured: holdout is 0"};
  SumOptions sums = sums_of(server);
  if (live)  // it may be fitted on the same data
    if (const auto other = make_model(live->version().type, live->version().parameters); other.ok())
      sums.times = sums.times || (*other)->needs().times;
  auto data =
      split(events, {.protocol = Protocol::kTemporal, .binarise = false, .held_out_share = share, .sums = sums});
  if (!data.ok())
    return GateVerdict{true, "not measured: " + data.status().message()};
  features.fill(data->train);
  EvaluateOptions options;
  options.cutoffs = {10};
  options.seed = version.seed;
  options.threads = runtime.options.training_threads;
  progress.begin("measuring");
  PENSTOCK_ASSIGN(const EvaluationReport report, evaluate(*server.model(), *data, options, progress));
  for (size_t i = 0; i < report.models.size(); ++i)
    for (const MetricValue& metric : report.models[i].metrics)
      version.metrics.emplace_back((i == 0 ? "" : report.models[i].name + ".") + metric.name, metric.interval.value);
  progress.begin("measuring the live version");
  const Gate& gate = server.life().options().gate;
  const double own = report.models.front().value(gate.metric);
  if (!live)
    return GateVerdict{true, "the first version"};
  PENSTOCK_ASSIGN(const std::string how,
                  measure_live(*live, version, report.models.front(), *data, options, progress, version.metrics));
  return compare(gate, own, version.metric("live." + gate.metric), live->version().version, how);
}

// Where a version that passed the gate goes first.
ModelState first_state(const ModelServer& server, Rollout::Mode mode) {
  if (!server.serves() || mode == Rollout::Mode::kDirect)
    return ModelState::kLive;
  return mode == Rollout::Mode::kShadow ? ModelState::kShadow : ModelState::kCanary;
}

void tell_trained(Runtime& runtime, const ModelServer& server, const ModelVersion& version) {
  for (const TracedRecord& record : runtime.traces.trained(version.model, version.read_to))
    tell_trace(runtime, server.origin(), record,
               {"trained", "is part of version " + std::to_string(version.version), version.seconds});
}

bool starts_warm(const ModelVersion& version) {
  return std::ranges::count(version.parameters, std::pair<std::string, std::string>("warm_start", "true")) > 0;
}

}  // namespace

Result<ModelVersion> train_model(Runtime& runtime, ModelServer& server, TrainingProgress& progress) {
  const int64_t begun = runtime.clock.monotonic_nanos();
  TrainingMemory memory(runtime, server);
  PENSTOCK_TRY(memory.take());
  PENSTOCK_TRY(hit(FaultPoint::kTrain));
  PhasedProgress phases(progress, 3);
  const ServingPtr live = server.serving();
  ModelVersion version;
  version.model = server.id();
  version.type = server.component().type;
  version.parameters = server.model()->parameters();
  version.seed = static_cast<uint64_t>(server.component().integer("seed"));
  version.parent = live ? live->version().version : 0;
  progress.step(0, 1, "reading");
  PENSTOCK_ASSIGN(EventLog events, read_events(runtime, server, version));
  PENSTOCK_ASSIGN(const KnownFeatures features, read_features(server.features(), runtime.views));
  PENSTOCK_ASSIGN(const GateVerdict verdict, measure_on_newest(runtime, server, events, features, phases, version));
  EventLog::Numbered numbered = std::move(events).numbered();
  features.append_untouched(numbered.items);
  Interactions all =
      make_interactions(std::move(numbered.users), std::move(numbered.items), numbered.events, sums_of(server));
  features.fill(all);
  version.users = all.users.size();
  version.items = all.items.size();
  version.interactions = all.events;
  version.first_event = all.first;
  version.last_event = all.last;
  FitOptions options{.seed = version.seed, .threads = runtime.options.training_threads};
  if (live && starts_warm(version) && live->version().type == version.type)
    options.warm_start = live->trained().get();
  phases.begin("training");
  PENSTOCK_ASSIGN(const ModelSnapshotPtr snapshot, server.model()->fit(all, options, phases));
  version.trained = runtime.clock.now();
  version.seconds = static_cast<double>(runtime.clock.monotonic_nanos() - begun) * 1e-9;
  version.since = version.trained;
  version.state = verdict.passed ? first_state(server, server.life().options().rollout.mode) : ModelState::kRejected;
  version.reason = verdict.reason;
  Result<ModelVersion> stored = server.life().add(std::move(version), snapshot);
  if (stored.ok())
    tell_trained(runtime, server, *stored);
  return stored;
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

bool awaits_training_anew(const Runtime& runtime, const ModelServer& server) {
  const ModelStatus status = server.status();
  if (!status.live || status.trial || status.versions.empty() || !history_is_read(runtime))
    return false;
  const std::string& type = server.component().type;
  if (server.component().flag("train_at_start") &&
      std::ranges::none_of(status.versions, [&](const ModelVersion& version) { return version.type == type; }))
    return true;
  const Duration every = life_cycle_of(server.component()).train_every;
  const ModelVersion& newest = status.versions.back();
  return every.micros > 0 && runtime.clock.now().micros - newest.trained.micros >= every.micros &&
         records_after(runtime.store, newest, server.component().inputs.front()) > 0;
}

}  // namespace penstock
