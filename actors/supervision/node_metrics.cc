// What a node tells monitoring when its metrics are asked for: everything that is not an event but a state.
#include <algorithm>

#include "actors/supervision/node_runtime.h"
#include "actors/trainers/life_cycle.h"
#include "storage/model_repository.h"

namespace penstock {
namespace {

void tell_logs(const std::vector<LogStatus>& logs, monitoring::Monitor& monitor) {
  for (const LogStatus& log : logs) {
    uint64_t records = 0, bytes = 0;
    for (const LogStatus::Part& part : log.partitions) {
      records += part.next.value() - part.first.value();
      bytes += part.bytes;
    }
    monitor.emit(monitoring::LogSize{log.name, records, bytes});
    for (const LogStatus::Consumer& consumer : log.consumers)
      monitor.emit(monitoring::ConsumerLag{
          {consumer.id, consumer.kind, consumer.type}, log.name, consumer.lag_records, consumer.lag_seconds});
  }
}

constexpr ModelState kStates[] = {ModelState::kCandidate, ModelState::kShadow,   ModelState::kCanary,
                                  ModelState::kLive,      ModelState::kArchived, ModelState::kRejected};

// Not the figures of a trial, nor those of another version on the same hold-out: `canary.hit_rate`, `live.ndcg@10`.
bool is_own(const std::string& metric) { return metric.find('.') == std::string::npos; }

void tell_model(const ModelStatus& model, Duration train_every, monitoring::Monitor& monitor) {
  const monitoring::Origin origin{model.id, "server", model.type};
  monitor.emit(monitoring::TrainingProgressed{origin, model.progress, model.eta_seconds});
  if (train_every.micros > 0)
    monitor.emit(monitoring::ModelSchedule{origin, train_every.seconds()});
  for (const ModelState state : kStates)
    monitor.emit(monitoring::ModelVersions{
        origin, model_state_name(state),
        static_cast<uint64_t>(std::ranges::count(model.versions, state, &ModelVersion::state))});
  const auto tell = [&](std::string_view which, const ModelVersion& version) {
    for (const auto& [metric, value] : version.metrics)
      if (is_own(metric))
        monitor.emit(monitoring::ModelQuality{origin, which, metric, value});
  };
  if (model.live)
    tell("live", *model.live);
  if (const ModelVersion* before = ModelRepository::before_live(model.versions))
    tell("before", *before);
}

void tell_models(const Runtime& runtime, const std::vector<ModelStatus>& models) {
  for (const ModelStatus& model : models)
    if (model.state != "online")
      tell_model(model, life_cycle_of(runtime.plan.topology.find(model.id)->component).train_every, runtime.monitor);
}

void tell_store(const StoreStats& stats, monitoring::Monitor& monitor) {
  monitor.emit(monitoring::StoreReport{.used_bytes = stats.used_bytes,
                                       .map_bytes = stats.map_bytes,
                                       .readers = stats.readers,
                                       .changelog_bytes = stats.changelog_bytes,
                                       .disk_free_bytes = stats.disk_free_bytes,
                                       .disk_bytes = stats.disk_bytes,
                                       .refused = stats.refused,
                                       .damaged = stats.damaged,
                                       .writable = stats.health.ok()});
}

}  // namespace

std::string NodeRuntime::metrics() const {
  monitoring::Monitor& monitor = runtime_.monitor;
  if (const auto all = logs(); all.ok())
    tell_logs(*all, monitor);
  if (ingesting_)  // it is up
    letters_->tell(monitor);
  work_.tell();
  memory_.tell();
  predictions_.tell();
  live_.tell();
  experiments_.tell();
  if (jobs_)
    jobs_->tell();
  const NodeStatus now = status();
  tell_models(runtime_, now.models);
  monitor.emit(monitoring::NodeHealth{now.ready, now.healthy});
  tell_store(now.store, monitor);
  return monitor.exposition();
}

}  // namespace penstock
