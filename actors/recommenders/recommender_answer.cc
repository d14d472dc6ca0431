#include "actors/recommenders/recommender_answer.h"

#include <algorithm>
#include <set>
#include <unordered_set>

namespace penstock {
namespace {

constexpr size_t kQuota = 100;  // of a generator that declares none

}  // namespace

RecommenderAnswer::RecommenderAnswer(const Recommender& recommender, const RecommendationQuery& query,
                                     const AllowedItems* items, BatchPtr user_row, const Condition* filter)
    : recommender_(recommender),
      plan_(recommender.plan_),
      query_(query),
      items_(items),
      user_row_(std::move(user_row)),
      filter_(filter),
      list_(plan_.diversity, items ? &items->table() : nullptr) {}

std::string RecommenderAnswer::name_of(const ModelServer& model, const Serving& serving) {
  return model.id() + "/" + std::to_string(serving.version().version) + "/" + std::to_string(serving.fans());
}

Result<Recommendation> RecommenderAnswer::make() {
  answer_.recommender = recommender_.id();
  answer_.model = plan_.candidates.front().model;
  meet_user();
  for (size_t factor = 1; fill_from_candidates(factor) && factor < kWidest; factor *= 4)
    continue;
  if (list_.items().size() < query_.n)
    fill_from_fallback();
  const auto serves = [](const auto& one) { return one.second.asker.serving != nullptr; };
  if (list_.items().empty() && std::none_of(asked_.begin(), asked_.end(), serves))
    return failed_precondition("recommender \"" + recommender_.id() +
                               "\" has nothing to answer with yet: no model has seen an event");
  write(answer_);
  return std::move(answer_);
}

int32_t RecommenderAnswer::number(std::string_view item) {
  const auto [at, is_new] = numbers_.emplace(item, static_cast<int32_t>(items_by_number_.size()));
  if (is_new)
    items_by_number_.push_back(item);
  return at->second;
}

int32_t RecommenderAnswer::row(int32_t item) const {
  return items_ ? items_->table().row(items_by_number_[static_cast<size_t>(item)]) : -1;
}

// The model with the user as it knows them; null if there is none of this name.
RecommenderAnswer::Asked* RecommenderAnswer::asked(const std::string& model) {
  if (const auto found = asked_.find(model); found != asked_.end())
    return &found->second;
  const ModelServer* server = recommender_.answerers_.model(model);
  if (server == nullptr)
    return nullptr;
  Asked made{server, server->asker(query_.user, query_.session), nullptr, {}, 0};
  if (const ServingPtr& serving = made.asker.serving) {
    if (items_)
      made.allowed = items_->items(name_of(*server, *serving), serving->snapshot().items(), user_row_.get(), filter_);
    made.excluded = serving->rows(query_.exclude);
  }
  return &asked_.emplace(model, std::move(made)).first->second;
}

void RecommenderAnswer::meet_user() {
  for (const RecommenderPlan::Generator& generator : plan_.candidates) {
    const Asked* one = asked(generator.model);
    if (one == nullptr || !one->asker.past)
      continue;
    const UserHistory& past = *one->asker.past;
    answer_.history = std::max(answer_.history, past.items->size());
    if (!answer_.newest_event || answer_.newest_event->micros < past.newest.micros)
      answer_.newest_event = past.newest;
  }
  answer_.history += query_.session.size();
  exclude_seen();
}

// Each model rules out what it knows of the user's history; what only another one has seen is excluded by its id.
void RecommenderAnswer::exclude_seen() {
  if (plan_.seen)
    return;
  std::unordered_set<std::string> seen;
  for (const auto& [id, one] : asked_)
    if (one.asker.past)
      for (const HistoryItem& item : *one.asker.past->items)
        seen.insert(one.asker.ids->id(item.item));
  for (const SessionItem& item : query_.session)
    seen.insert(item.item);
  seen_.assign(seen.begin(), seen.end());
  if (asked_.size() > 1)
    for (auto& [id, one] : asked_)
      if (one.asker.serving) {
        const std::vector<int32_t> rows = one.asker.serving->rows(seen_);
        one.excluded.insert(one.excluded.end(), rows.begin(), rows.end());
      }
}

std::vector<ScoredItem> RecommenderAnswer::ask(Asked& asked, size_t n) {
  if (!asked.asker.serving)
    return {};
  const ModelSnapshot& snapshot = asked.asker.serving->snapshot();
  ModelQuery query = asked.asker.query(n);
  query.exclude = asked.excluded;
  query.allowed = asked.allowed.get();
  query.seen = plan_.seen;
  const Clock& clock = recommender_.runtime_->clock;
  const int64_t begun = clock.monotonic_nanos();
  std::vector<ScoredItem> items;
  try {
    items = snapshot.recommend(query);
  } catch (...) {  // a bug of the model, or no memory: counts against a version on trial
    asked.model->note_answer(*asked.asker.serving, query_.user, answer_.history, {}, 0, true);
    throw;
  }
  asked.seconds += static_cast<double>(clock.monotonic_nanos() - begun) * 1e-9;
  for (ScoredItem& item : items)
    item.item = number(snapshot.items()[static_cast<size_t>(item.item)]);
  return items;
}

// As they were while the ranker's region is starting.
void RecommenderAnswer::rank_candidates(std::vector<Candidate>& candidates) const {
  const ViewRegistry::Workers workers = recommender_.runtime_->views.get(plan_.rank->model);
  const auto predictor = workers.empty() ? nullptr : std::dynamic_pointer_cast<const Predictor>(workers.front());
  if (!predictor)
    return;
  std::vector<std::string> strategies;
  strategies.reserve(plan_.candidates.size());
  for (const RecommenderPlan::Generator& generator : plan_.candidates)
    strategies.push_back(generator.model);
  rank(*plan_.rank, *predictor, items_ ? &items_->table() : nullptr, user_row_.get(), strategies, candidates);
}

size_t RecommenderAnswer::take(std::vector<Candidate> candidates, const std::string& strategy) {
  std::set<int32_t> there;
  for (const Candidate& item : list_.items())
    there.insert(item.item);
  std::erase_if(candidates, [&](const Candidate& candidate) { return there.contains(candidate.item); });
  for (Candidate& candidate : candidates)
    candidate.row = row(candidate.item);
  if (plan_.rank && strategy.empty())
    rank_candidates(candidates);
  if (items_ && !plan_.rules.boosts.empty()) {
    std::vector<int32_t> rows;
    rows.reserve(candidates.size());
    for (const Candidate& candidate : candidates)
      rows.push_back(candidate.row);
    const std::vector<float> boosts = items_->boosts(rows, user_row_.get());
    for (size_t i = 0; i < candidates.size(); ++i)
      candidates[i].score *= boosts[i];
    sort_candidates(candidates);
  }
  const size_t added = list_.fill(candidates, query_.n);
  for (size_t i = list_.items().size() - added; i < list_.items().size(); ++i)
    strategies_.push_back(strategy.empty() ? plan_.candidates[list_.items()[i].source].model : strategy);
  return added;
}

// True if caps left the answer short and generators had more to give.
bool RecommenderAnswer::fill_from_candidates(size_t factor) {
  std::vector<CandidateList> lists;
  bool more = false;
  for (const RecommenderPlan::Generator& generator : plan_.candidates) {
    const size_t quota = generator.quota.value_or(std::max(kQuota, query_.n)) * factor;
    CandidateList list{generator.weight, {}};
    if (Asked* one = asked(generator.model))
      list.items = ask(*one, quota);
    more = more || list.items.size() == quota;
    lists.push_back(std::move(list));
  }
  take(fuse(lists, plan_.fusion), "");
  return more && !plan_.diversity.caps.empty() && list_.items().size() < query_.n;
}

std::vector<std::string> RecommenderAnswer::because(const std::string& item, const std::string& strategy) {
  // As the model says; where it cannot tell, what of the history is most similar.
  const auto explain = [&](const Asked& one) {
    std::vector<std::string> out;
    const ServingPtr& serving = one.asker.serving;
    const int32_t row = serving ? serving->row(item) : -1;
    if (row < 0 || one.asker.history.empty())
      return out;
    const ModelSnapshot& snapshot = serving->snapshot();
    std::vector<int32_t> reasons = snapshot.because(one.asker.query(query_.n), row, plan_.because);
    if (reasons.empty()) {
      ItemSet history(static_cast<int64_t>(snapshot.items().size()));
      for (const ItemWeight& known : one.asker.history)
        history.insert(known.item);
      for (const ScoredItem& similar : snapshot.similar(row, plan_.because, &history))
        if (similar.score > 0)
          reasons.push_back(similar.item);
    }
    for (const int32_t reason : reasons)
      out.push_back(snapshot.items()[static_cast<size_t>(reason)]);
    return out;
  };
  std::vector<std::string> out;
  if (const auto found = asked_.find(strategy); found != asked_.end())
    out = explain(found->second);
  for (const RecommenderPlan::Generator& generator : plan_.candidates)
    if (const auto found = asked_.find(generator.model); out.empty() && found != asked_.end())
      out = explain(found->second);
  return out;
}

// Each model's part in the answer, for whoever watches its versions.
void RecommenderAnswer::tell_models(const Recommendation& answer) const {
  for (const auto& [id, one] : asked_) {
    if (!one.asker.serving)
      continue;
    std::vector<RecommendedItem> shown;
    for (const RecommendedItem& item : answer.items)
      if (item.strategy == id)
        shown.push_back(item);
    const size_t history = one.asker.past ? one.asker.past->items->size() : 0;
    one.model->note_answer(*one.asker.serving, query_.user, history, shown, one.seconds);
  }
}

void RecommenderAnswer::write(Recommendation& answer) {
  for (size_t i = 0; i < list_.items().size(); ++i) {
    const Candidate& item = list_.items()[i];
    answer.items.push_back(
        {std::string(items_by_number_[static_cast<size_t>(item.item)]), item.score, strategies_[i], {}});
    if (plan_.because > 0)
      answer.items.back().because = because(answer.items.back().item, strategies_[i]);
  }
  for (const auto& [id, one] : asked_)
    if (one.asker.serving)
      answer.models.emplace_back(id, one.asker.serving->version().version);
  if (!answer.items.empty() && asked_.contains(answer.items.front().strategy))
    answer.model = answer.items.front().strategy;
  for (const auto& [id, version] : answer.models)
    if (id == answer.model)
      answer.model_version = version;
  tell_models(answer);
  answer.step = step_;
  answer.fallback = !step_.empty();
}

}  // namespace penstock
