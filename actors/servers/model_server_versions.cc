// The part of a model's server that decides which versions answer.
#include <algorithm>
#include <map>

#include "actors/components.h"
#include "actors/make_context.h"
#include "actors/servers/model_server.h"
#include "core/random.h"
#include "models/registry.h"

namespace penstock {
namespace {

constexpr size_t kFansOfNewItem = 200;  // whose histories a new item is solved from

}  // namespace

Status ModelServer::load() {
  const auto& make = std::get<MakeModel>(component_entry(component_.role, component_.type).make);
  PENSTOCK_ASSIGN(model_, make(make_context(runtime_->plan.topology, id_, runtime_->clock)));
  features_ = feature_readers(runtime_->plan.topology, component_, *model_);
  const ModelRepository repository(runtime_->store);
  PENSTOCK_ASSIGN(const auto live, repository.live(id_));
  if (!live || find_model_type(live->type) == nullptr)
    return ok();  // nothing, or of a type that is no more: train anew
  PENSTOCK_ASSIGN(const ModelSnapshotPtr snapshot, load_snapshot(*live));
  publish(snapshot, *live);
  PENSTOCK_ASSIGN(const auto versions, repository.versions(id_));
  for (const ModelVersion& version : versions)
    if (on_trial(version.state)) {
      PENSTOCK_ASSIGN(const ModelSnapshotPtr beside, load_snapshot(version));
      life_.resume(*live, version, beside);
    }
  return ok();
}

Result<ModelSnapshotPtr> ModelServer::load_snapshot(const ModelVersion& version) const {
  const std::string which = "model \"" + id_ + "\", version " + std::to_string(version.version);
  const auto bytes = ModelRepository(runtime_->store).bytes(id_, version.version);
  if (!bytes.ok())
    return bytes.status().with_context(which);
  const auto made = make_model(version.type, version.parameters);  // what the topology declares now may be another
  auto snapshot = (made.ok() ? **made : *model_).load(*bytes);
  if (!snapshot.ok())
    return snapshot.status().with_context(which);
  return snapshot;
}

void ModelServer::publish(const ModelSnapshotPtr& snapshot, const ModelVersion& version) {
  // The one before it lives on only as long as answers that are under way.
  versions_.set_live(std::make_shared<const Serving>(snapshot, snapshot, 0, version));
  snapshot_memory_.set(versions_.memory());
  runtime_->monitor.emit(monitoring::ModelLive{origin_, version.version,
                                               static_cast<double>(version.trained.micros) * 1e-6, version.users,
                                               version.items, version.interactions});
  note_retrieval();
}

// How the live version finds its items; its memory may have grown by an index that was built meanwhile.
void ModelServer::note_retrieval() {
  const ServingPtr live = versions_.live();
  if (!live)
    return;
  snapshot_memory_.set(versions_.memory());
  const ModelSnapshot::Retrieval retrieval = live->snapshot().retrieval();
  runtime_->monitor.emit(
      monitoring::ModelSearched{origin_, retrieval.method, retrieval.scanned_share, retrieval.recall});
}

void ModelServer::publish_trial(const ModelSnapshotPtr& snapshot, const ModelVersion& version, double share) {
  versions_.set_trial(std::make_shared<const Serving>(snapshot, snapshot, 0, version), version.state, share);
  snapshot_memory_.set(versions_.memory());
}

void ModelServer::end_trial() {
  versions_.end_trial();
  snapshot_memory_.set(versions_.memory());
}

void ModelServer::note_answer(const Serving& by, const std::string& user, size_t history,
                              const std::vector<RecommendedItem>& shown, double seconds, bool failed) const {
  RolloutWatch& watch = life_.watch();
  if (!watch.watching())
    return;
  std::vector<std::string> items;
  items.reserve(shown.size());
  for (const RecommendedItem& item : shown)
    items.push_back(item.item);
  const ServedVersions::Trial trial = versions_.trial_state();
  if (trial.state == ModelState::kShadow && !user.empty() && !items.empty() && &by == versions_.live().get() &&
      life_.in_shadow_sample(trial.share) && !life_.shadow().offer({user, items}))
    watch.note_dropped();
  watch.note({by.version().version, user, history, std::move(items), seconds, failed});
}

void ModelServer::fold_in_new_items() {
  fold_in_new_items(versions_.live());
  fold_in_new_items(versions_.trial());
  note_retrieval();
}

void ModelServer::fold_in_new_items(const ServingPtr& serving) {
  const std::shared_ptr<const History> histories = history();
  if (!serving || !histories)
    return;
  const auto ids = histories->ids();
  const Serving::Rows rows = serving->rows_of(*ids);
  const auto trained_items = static_cast<int32_t>(serving->trained()->items().size());
  const auto trained = [&](const ItemWeight& item) { return item.item < trained_items; };
  const auto is_new = [&](const std::string& id) { return serving->row(id) < 0 || serving->row(id) >= trained_items; };
  FeaturesById described;
  if (features_.items) {
    auto read = features_.items->read_all(runtime_->views, is_new);
    if (!read.ok())
      return;  // the view is starting; there will be another time
    described = std::move(read).value();
  }
  std::vector<ModelSnapshot::NewItem> items;
  uint64_t fans = described.size();  // an item that is described for the first time changes the answer like a fan
  for (uint32_t item = 0; item < rows->size(); ++item) {
    if ((*rows)[item] >= 0 && (*rows)[item] < trained_items)
      continue;
    ModelSnapshot::NewItem added{ids->id(item), {}, {}};
    for (const auto& [user, weight] : histories->fans(item, kFansOfNewItem)) {
      const auto past = histories->user(user);
      std::vector<ItemWeight> known = past ? serving->translate(*ids, *past) : std::vector<ItemWeight>{};
      known.erase(std::stable_partition(known.begin(), known.end(), trained), known.end());
      if (!known.empty())
        added.fans.push_back({std::move(known), weight});
    }
    if (auto known = described.extract(added.id))
      added.features = std::move(known.mapped());
    fans += added.fans.size();
    if (!added.fans.empty() || !added.features.empty())
      items.push_back(std::move(added));
  }
  std::map<std::string, std::vector<Feature>> untouched(described.begin(), described.end());
  for (auto& [id, features] : untouched)
    if (!features.empty())
      items.push_back({id, {}, std::move(features)});
  if (fans == serving->fans())
    return;
  versions_.replace(serving, std::make_shared<const Serving>(serving->trained()->with_items(items), serving->trained(),
                                                             fans, serving->version()));
  snapshot_memory_.set(versions_.memory());
  runtime_->monitor.emit(monitoring::Note{origin_, "folded in " + std::to_string(items.size()) + " new items"});
}

void ModelServer::note_progress(double progress, const std::string& note) {
  trainings_.note_progress(progress, note, runtime_->clock.monotonic_nanos());
  const TrainingState::View view = trainings_.view();
  runtime_->monitor.emit(monitoring::TrainingProgressed{origin_, view.progress, view.eta_seconds});
}

ModelStatus ModelServer::status() const {
  ModelStatus status;
  status.id = id_;
  status.type = component_.type;
  const ServingPtr live = versions_.live(), trial = versions_.trial();
  const TrainingState::View view = trainings_.view();
  status.state = view.outcome == "training" ? view.outcome
                 : live                     ? "live"
                 : view.outcome == "failed" ? "failed"
                                            : "untrained";
  status.message = view.message;
  status.progress = view.progress;
  status.eta_seconds = view.eta_seconds;
  if (live) {
    status.live = live->version();
    const ModelSnapshot::Retrieval retrieval = live->snapshot().retrieval();
    status.retrieval = {retrieval.method, retrieval.scanned_share, retrieval.recall};
  }
  if (trial)
    status.trial = trial->version();
  if (auto versions = ModelRepository(runtime_->store).versions(id_); versions.ok())
    status.versions = std::move(versions).value();
  return status;
}

}  // namespace penstock
