#include "actors/servers/model_server.h"

#include <algorithm>
#include <unordered_set>

#include "actors/components.h"
#include "actors/make_context.h"

namespace penstock {
namespace {

constexpr size_t kFansOfNewItem = 200;  // whose histories a new item is solved from
constexpr const char* kPopularity = "popularity";

}  // namespace

ModelServer::ModelServer(Runtime* runtime, std::string id)
    : runtime_(runtime),
      id_(std::move(id)),
      component_(runtime->plan.topology.find(id_)->component),
      origin_{id_, "server", component_.type},
      snapshot_memory_(runtime->memory, "snapshot." + id_) {}

Status ModelServer::load() {
  const auto& make = std::get<MakeModel>(component_entry(component_.role, component_.type).make);
  PENSTOCK_ASSIGN(model_, make(make_context(runtime_->plan.topology, id_, runtime_->clock)));
  ModelRepository repository(runtime_->store);
  PENSTOCK_ASSIGN(const auto live, repository.live(id_));
  if (!live)
    return ok();
  const std::string which = "model \"" + id_ + "\", version " + std::to_string(live->version);
  const auto bytes = repository.bytes(id_, live->version);
  if (!bytes.ok())
    return bytes.status().with_context(which);
  if (live->type != component_.type)
    return ok();  // the topology has changed the model's type: train anew
  auto snapshot = model_->load(*bytes);
  if (!snapshot.ok())
    return snapshot.status().with_context(which);
  publish(std::move(snapshot).value(), *live);
  return ok();
}

void ModelServer::publish(const ModelSnapshotPtr& snapshot, const ModelVersion& version) {
  serve(std::make_shared<const Serving>(snapshot, snapshot, 0, version));
  runtime_->monitor.emit(monitoring::ModelLive{origin_, version.version,
                                               static_cast<double>(version.trained.micros) * 1e-6, version.users,
                                               version.items, version.interactions});
}

void ModelServer::serve(ServingPtr serving) {
  // The one before it lives on only as long as answers that are under way.
  const uint64_t bytes = serving->memory();
  const std::lock_guard lock(mutex_);
  snapshot_memory_.set(bytes);
  serving_ = std::move(serving);
  if (!training_)
    state_ = "live";
}

ServingPtr ModelServer::serving() const {
  const std::lock_guard lock(mutex_);
  return serving_;
}

std::shared_ptr<const History> ModelServer::history() const {
  const ViewRegistry::Workers workers = runtime_->views.get(id_);
  return workers.empty() ? nullptr : std::dynamic_pointer_cast<const History>(workers.front());
}

Result<Recommendation> ModelServer::recommend(const std::string& user, const std::vector<std::string>& exclude,
                                              size_t n) const {
  const std::shared_ptr<const History> histories = history();
  if (!histories)
    return failed_precondition("model \"" + id_ + "\" is still starting; ask again in a moment");
  Recommendation answer;
  answer.model = id_;
  const std::optional<UserHistory> past = histories->user(user);
  std::vector<std::string> masked = exclude;
  if (past) {
    answer.history = past->items->size();
    answer.newest_event = past->newest;
  }
  if (const ServingPtr serving = this->serving()) {
    const std::vector<int32_t> excluded = serving->rows(exclude);
    const std::vector<ItemWeight> known =
        past ? serving->translate(*histories->ids(), *past) : std::vector<ItemWeight>{};
    const ModelSnapshot& snapshot = serving->snapshot();
    if (!known.empty()) {
      answer.model_version = serving->version().version;
      for (const ScoredItem& scored : snapshot.recommend({.user = user, .history = known, .exclude = excluded, .n = n}))
        answer.items.push_back({snapshot.items()[scored.item], scored.score, id_, {}});
    }
  }
  if (answer.items.empty()) {  // nobody we know, or nothing learnt yet
    answer.fallback = true;
    if (past)
      for (const HistoryItem& item : *past->items)
        masked.push_back(histories->ids()->id(item.item));
    fill_with_popular(*histories, masked, n, answer);
  }
  runtime_->monitor.emit(monitoring::RecommendationServed{origin_, answer.fallback, answer.items.size()});
  if (answer.items.empty() && !serves())
    return failed_precondition("model \"" + id_ + "\" has seen no events yet");
  return answer;
}

void ModelServer::fill_with_popular(const History& history, const std::vector<std::string>& masked, size_t n,
                                    Recommendation& answer) const {
  const std::unordered_set<std::string> skip(masked.begin(), masked.end());
  const auto ids = history.ids();
  for (const History::PopularItem& item : history.popular(n + skip.size())) {
    if (answer.items.size() == n)
      return;
    std::string id = ids->id(item.item);
    if (!skip.contains(id))
      answer.items.push_back({std::move(id), static_cast<double>(item.users), kPopularity, {}});
  }
}

Result<Recommendation> ModelServer::similar(const std::string& item, size_t n) const {
  const ServingPtr serving = this->serving();
  if (!serving)
    return failed_precondition("model \"" + id_ + "\" has not been trained yet");
  const int32_t row = serving->row(item);
  if (row < 0)
    return not_found("model \"" + id_ + "\" does not know item \"" + item + "\"");
  Recommendation answer;
  answer.model = id_;
  answer.model_version = serving->version().version;
  const ModelSnapshot& snapshot = serving->snapshot();
  for (const ScoredItem& scored : snapshot.similar(row, n))
    answer.items.push_back({snapshot.items()[scored.item], scored.score, id_, {}});
  return answer;
}

void ModelServer::fold_in_new_items() {
  const ServingPtr serving = this->serving();
  const std::shared_ptr<const History> histories = history();
  if (!serving || !histories)
    return;
  const auto ids = histories->ids();
  const Serving::Rows rows = serving->rows_of(*ids);
  const auto trained_items = static_cast<int32_t>(serving->trained()->items().size());
  const auto trained = [&](const ItemWeight& item) { return item.item < trained_items; };
  std::vector<ModelSnapshot::NewItem> items;
  uint64_t fans = 0;
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
    fans += added.fans.size();
    if (!added.fans.empty())
      items.push_back(std::move(added));
  }
  if (fans == serving->fans())
    return;
  serve(std::make_shared<const Serving>(serving->trained()->with_items(items), serving->trained(), fans,
                                        serving->version()));
  runtime_->monitor.emit(monitoring::Note{origin_, "folded in " + std::to_string(items.size()) + " new items"});
}

bool ModelServer::begin_training() {
  if (training_.exchange(true))
    return false;
  const std::lock_guard lock(mutex_);
  state_ = "training";
  message_.clear();
  progress_ = 0;
  requested_ = true;
  return true;
}

void ModelServer::end_training(const Status& status) {
  {
    const std::lock_guard lock(mutex_);
    progress_ = -1;
    message_ = status.message();
    state_ = status.ok() ? "live" : serving_ ? "live" : status.code() == Code::kCancelled ? "untrained" : "failed";
  }
  training_ = false;
}

bool ModelServer::has_failed() const {
  const std::lock_guard lock(mutex_);
  return state_ == "failed";
}

void ModelServer::note_progress(double progress, const std::string& note) {
  const std::lock_guard lock(mutex_);
  progress_ = progress;
  message_ = note;
}

ModelStatus ModelServer::status() const {
  ModelStatus status;
  status.id = id_;
  status.type = component_.type;
  {
    const std::lock_guard lock(mutex_);
    status.state = state_;
    status.message = message_;
    status.progress = progress_;
    if (serving_)
      status.live = serving_->version();
  }
  if (auto versions = ModelRepository(runtime_->store).versions(id_); versions.ok())
    status.versions = std::move(versions).value();
  return status;
}

}  // namespace penstock
