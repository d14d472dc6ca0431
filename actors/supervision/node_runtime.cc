#include "actors/supervision/node_runtime.h"

#include <algorithm>

#include "actors/batch/batch_worker_actor.h"
#include "actors/jobs/node_jobs.h"
#include "actors/regions/log_report.h"
#include "actors/sources/source_actor.h"
#include "actors/supervision/answer_traces.h"
#include "actors/supervision/health.h"
#include "actors/supervision/node_actors.h"
#include "actors/supervision/office_actor.h"
#include "actors/supervision/store_id.h"
#include "actors/supervision/unknown_name.h"
#include "actors/trainers/training.h"
#include "topology/component.h"
#include "topology/result_file.h"

namespace penstock {
struct NodeRuntime::Actors : NodeActors {
  using NodeActors::NodeActors;
};

NodeRuntime::NodeRuntime(const topology::Plan& plan, Store& store, const Clock& clock, monitoring::Monitor& monitor,
                         RuntimeOptions options)
    : runtime_{plan, store, clock, monitor, options, {}, {}, BatchCache(64u << 20), {}},
      backups_(store, clock, monitor, {options.backup_dir, plan.topology.name, options.version}) {}

NodeRuntime::~NodeRuntime() { stop(Duration{0}); }

Status NodeRuntime::start() {
  started_ = runtime_.clock.now();
  PENSTOCK_ASSIGN(runtime_.store_id, store_id(runtime_.store));
  PENSTOCK_TRY(prepare(runtime_));
  for (const topology::BoundComponent& bound : runtime_.plan.topology.components)
    if (bound.binding.is_view)
      views_.push_back(bound.component.id);
  for (const std::string& source : runtime_.plan.sources)
    ingests_.emplace(source, std::make_unique<Ingest>(runtime_, source));
  for (const std::string& model : runtime_.plan.models) {
    models_.push_back(std::make_unique<ModelServer>(&runtime_, model));
    PENSTOCK_TRY(models_.back()->load());
  }
  recommenders_ = std::make_unique<Recommenders>(&runtime_, models_);
  for (const topology::BoundComponent& bound : runtime_.plan.topology.components)
    if (bound.component.role == topology::Role::kRecommender)
      runtime_.board.set_running(bound.component.id);
  for (const std::string& server : runtime_.plan.servers)
    runtime_.board.set_running(server);
  PENSTOCK_TRY(batches_.open());
  PENSTOCK_TRY(open_jobs());
  for (const std::string& source : runtime_.plan.sources)
    if (!reads_by_itself(runtime_.plan, source))
      runtime_.board.set_state(source, "live");
  letters_ = std::make_unique<DeadLetterOffice>(runtime_.plan, runtime_.store, runtime_.cache, runtime_.clock);
  actors_ = std::make_unique<Actors>(&runtime_);
  std::vector<Ingest*> ingests;
  for (const auto& [source, ingest] : ingests_) {
    ingests.push_back(ingest.get());
    impressions_.connect(source, ingest.get());
  }
  std::vector<Supervised> more;
  if (jobs_)
    more.push_back(supervised_office(&runtime_, "jobs", "manager", [office = jobs_.get()] { office->work(); }));
  for (uint32_t worker = 0; worker < batches_.limits().workers; ++worker)
    more.push_back(supervised_batch_worker(&runtime_, &batches_, worker));
  actors_->start(models_, &office_, std::move(ingests), std::move(more));
  live_.start(models_);
  backups_.tell_newest();
  ingesting_ = true;
  return ok();
}

void NodeRuntime::stop(Duration grace) {
  if (!actors_)
    return;
  if (jobs_)
    jobs_->close();
  for (const auto& model : models_)
    model->stop_training();
  office_.close();
  impressions_.drain(grace);
  live_.stop();
  actors_->stop(grace);
  actors_.reset();
  batches_.close();
  for (const auto& [source, ingest] : ingests_)
    ingest->stop();
  runtime_.freshness.expire(INT64_MAX);  // what the last requests are waiting for
}

// What jobs do, and what they write, comes up with them.
Status NodeRuntime::open_jobs() {
  const auto train = [this](const std::string& model) {
    Status begun;
    this->train(model, [&begun](const Status& status) { begun = status; });
    return begun;
  };
  // Not through experiments: what is told in advance is not shown yet.
  const auto recommend = [this](const RecommendationQuery& query) { return recommenders_->recommend(query); };
  const auto take = [this](IngestRequest request, IngestDone done) { ingest(std::move(request), std::move(done)); };
  jobs_ = make_job_office(
      runtime_, {.models = models_, .train = train, .batch = &batches_, .recommend = recommend, .take = take});
  for (const topology::BoundComponent& bound : runtime_.plan.topology.components)
    if (bound.component.role == topology::Role::kJob || topology::is_result_file(bound.component))
      runtime_.board.set_running(bound.component.id);
  return jobs_ ? jobs_->open() : ok();
}

Result<const ModelServer*> NodeRuntime::model_server(const std::string& model) const {
  if (const topology::BoundComponent* other = runtime_.plan.topology.find(model); other && other->binding.online)
    return not_found("\"" + model + "\" of type " + other->component.type +
                     " learns each row as it comes: it has no trainings, and recommends no items");
  if (models_.empty())
    return not_found("the topology has no models");
  if (model.empty())
    return models_.front().get();
  for (const auto& server : models_)
    if (server->id() == model)
      return server.get();
  return not_found(unknown_name("model", model, runtime_.plan.models));
}

Result<Recommendation> NodeRuntime::recommend(const RecommendationQuery& query) const {
  const int64_t begun = runtime_.clock.monotonic_nanos();
  Result<Recommendation> answer = experiments_.recommend(
      query, [this](const RecommendationQuery& through) { return recommenders_->recommend(through); });
  tell_answered(runtime_, query, answer, begun);
  return answer;
}

Result<Recommendation> NodeRuntime::similar(const std::string& item, const std::string& model, size_t n,
                                            const std::string& filter) const {
  return recommenders_->similar(item, model, n, filter);
}

Result<ViewRegistry::Workers> NodeRuntime::view_workers(const std::string& view) const {
  if (std::find(views_.begin(), views_.end(), view) == views_.end())
    return not_found(unknown_name("view", view, views_));
  ViewRegistry::Workers workers = runtime_.views.get(view);
  for (const auto& worker : workers)
    if (!worker)
      return failed_precondition("view \"" + view + "\" is still starting; ask again in a moment");
  return workers;
}

Result<BatchPtr> NodeRuntime::view_row(const std::string& view, const std::vector<std::string>& key) const {
  PENSTOCK_ASSIGN(const ViewRegistry::Workers workers, view_workers(view));
  for (const auto& worker : workers) {
    PENSTOCK_ASSIGN(BatchPtr row, worker->lookup(key));
    if (row && row->rows() > 0)
      return row;
  }
  return BatchPtr{};
}

Result<BatchPtr> NodeRuntime::view_rows(const std::string& view, size_t limit) const {
  PENSTOCK_ASSIGN(const ViewRegistry::Workers workers, view_workers(view));
  std::vector<BatchPtr> parts;
  for (const auto& worker : workers) {
    PENSTOCK_ASSIGN(BatchPtr part, worker->read_all(limit));
    limit -= std::min(limit, part->rows());
    parts.push_back(std::move(part));
  }
  return parts.size() == 1 ? parts.front() : concatenate(parts);
}

NodeStatus NodeRuntime::status() const {
  NodeStatus status;
  status.topology = runtime_.plan.topology.name;
  status.version = runtime_.options.version;
  status.started = started_;
  status.components = runtime_.board.all();
  mark_stalled(runtime_, status.components);
  for (const auto& model : models_)
    status.models.push_back(model->status());
  for (ModelStatus& model : status.models) {
    model.live_quality = live_.figures(model.id);
    model.drift = live_.drift(model.id);
  }
  for (ModelStatus& model : predictions_.status())
    status.models.push_back(std::move(model));
  status.store = runtime_.store.stats();
  status.memory = memory_.status();
  status.healthy = std::none_of(
      status.components.begin(), status.components.end(),
      [](const ComponentStatus& component) { return component.state == "failing" || component.state == "stalled"; });
  status.alive = is_alive(runtime_);
  status.ready = ready();
  return status;
}

SupervisionStatus NodeRuntime::supervision() const { return supervision_tree(runtime_); }

// Ready: everything has come up, and every model that has history to learn from serves.
bool NodeRuntime::ready() const {
  return has_come_up(runtime_) && std::none_of(models_.begin(), models_.end(), [&](const auto& model) {
           return awaits_first_training(runtime_, *model);
         });
}

Result<std::vector<LogStatus>> NodeRuntime::logs() const {
  return report_logs(runtime_.plan, runtime_.store, runtime_.clock.now());
}

void NodeRuntime::train(const std::string& model, TrainDone done) {
  const auto server = model_server(model);
  if (!server.ok())
    return done(server.status());
  if (!actors_)
    return done(failed_precondition("the node is stopping"));
  for (const auto& owned : models_)
    if (owned.get() == *server && !owned->begin_training())
      return done(already_exists("model \"" + owned->id() + "\" is being trained already"));
  actors_->train((*server)->id());
  done(ok());
}

}  // namespace penstock
