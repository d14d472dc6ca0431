#include "actors/servers/model_server.h"

#include <algorithm>
#include <unordered_set>

#include "actors/servers/user_segment.h"

namespace penstock {
namespace {

constexpr const char* kPopularity = "popularity";

}  // namespace

ModelServer::ModelServer(Runtime* runtime, std::string id)
    : runtime_(runtime),
      id_(std::move(id)),
      component_(runtime->plan.topology.find(id_)->component),
      origin_{id_, "server", component_.type},
      snapshot_memory_(runtime->memory, "snapshot." + id_),
      life_(runtime, this) {}

std::shared_ptr<const History> ModelServer::history() const {
  const ViewRegistry::Workers workers = runtime_->views.get(id_);
  return workers.empty() ? nullptr : std::dynamic_pointer_cast<const History>(workers.front());
}

ModelServer::Asker ModelServer::asker(std::string_view user, std::span<const SessionItem> session) const {
  Asker out{.serving = serving_for(user), .user = user};
  const std::shared_ptr<const History> histories = history();
  if (histories) {
    out.ids = histories->ids();
    if (!user.empty())
      out.past = histories->user(user);
  }
  if (!out.serving)
    return out;
  if (features_.users && !user.empty())
    out.features = features_.users->lookup(runtime_->views, std::string(user));
  if (out.past)
    out.history = out.serving->translate(*out.ids, *out.past);
  for (const SessionItem& item : session) {
    ItemWeight now{out.serving->row(item.item), static_cast<float>(item.weight)};
    if (now.item < 0)
      continue;
    const auto before = std::find_if(out.history.begin(), out.history.end(),
                                     [&](const ItemWeight& known) { return known.item == now.item; });
    if (before != out.history.end()) {  // comes again
      now.weight += before->weight;
      out.history.erase(before);
    }
    out.history.push_back(now);
  }
  return out;
}

Result<Recommendation> ModelServer::recommend(const RecommendationQuery& query) const {
  if (!query.filter.empty())
    return invalid_argument("model \"" + id_ + "\" takes no filter: name a recommender, which knows columns of items");
  const std::shared_ptr<const History> histories = history();
  if (!histories)
    return failed_precondition("model \"" + id_ + "\" is still starting; ask again in a moment");
  const int64_t begun = runtime_->clock.monotonic_nanos();
  Recommendation answer;
  answer.model = id_;
  const Asker asker = this->asker(query.user, query.session);
  answer.history = query.session.size();
  if (asker.past) {
    answer.history += asker.past->items->size();
    answer.newest_event = asker.past->newest;
  }
  if (asker.serving) {
    const ModelSnapshot& snapshot = asker.serving->snapshot();
    const std::vector<int32_t> excluded = asker.serving->rows(query.exclude);
    ModelQuery question = asker.query(query.n);
    question.exclude = excluded;
    std::vector<ScoredItem> found;
    try {
      found = snapshot.recommend(question);
    } catch (...) {  // a bug of the model, or no memory: counts against a version on trial
      note_answer(*asker.serving, query.user, answer.history, {}, 0, true);
      throw;
    }
    for (const ScoredItem& scored : found)
      answer.items.push_back({snapshot.items()[scored.item], scored.score, id_, {}});
  }
  if (asker.serving)
    note_answer(*asker.serving, query.user, asker.past ? asker.past->items->size() : 0, answer.items,
                static_cast<double>(runtime_->clock.monotonic_nanos() - begun) * 1e-9);
  if (answer.items.empty()) {  // nobody we know, or nothing learnt yet
    answer.fallback = true;
    fill_with_popular(query, *histories, asker, answer);
  } else {
    answer.model_version = asker.serving->version().version;
  }
  runtime_->monitor.emit(
      monitoring::RecommendationServed{origin_, answer.fallback, answer.items.size(), user_segment(query, answer)});
  if (answer.items.empty() && !serves())
    return failed_precondition("model \"" + id_ + "\" has seen no events yet");
  return answer;
}

void ModelServer::fill_with_popular(const RecommendationQuery& query, const History& history, const Asker& asker,
                                    Recommendation& answer) const {
  std::unordered_set<std::string> skip(query.exclude.begin(), query.exclude.end());
  for (const SessionItem& item : query.session)
    skip.insert(item.item);
  if (asker.past)
    for (const HistoryItem& item : *asker.past->items)
      skip.insert(asker.ids->id(item.item));
  const auto ids = history.ids();
  for (const History::PopularItem& item : history.popular(query.n + skip.size())) {
    if (answer.items.size() == query.n)
      return;
    std::string id = ids->id(item.item);
    if (!skip.contains(id))
      answer.items.push_back({std::move(id), static_cast<double>(item.users), kPopularity, {}});
  }
}

Result<Recommendation> ModelServer::similar(const std::string& item, size_t n, const ItemSet* allowed) const {
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
  for (const ScoredItem& scored : snapshot.similar(row, n, allowed))
    answer.items.push_back({snapshot.items()[scored.item], scored.score, id_, {}});
  return answer;
}

}  // namespace penstock
