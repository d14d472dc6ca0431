// What fills an answer up where candidates are too few: models and recommenders in turn, or what is most popular.
#include <algorithm>
#include <unordered_set>

#include "actors/recommenders/recommender_answer.h"

namespace penstock {
namespace {

constexpr const char* kPopularity = "popularity";

}  // namespace

void RecommenderAnswer::fill_from_fallback() {
  if (!plan_.fallback) {
    if (fill_with_popular() > 0)
      step_ = kPopularity;
    return;
  }
  for (const std::string& step : *plan_.fallback) {
    const Recommender* other = recommender_.answerers_.recommender(step);
    if ((other ? fill_from_recommender(*other) : fill_from_model(step)) > 0)
      step_ = step;
    if (list_.items().size() >= query_.n)
      return;
  }
}

size_t RecommenderAnswer::fill_from_model(const std::string& model) {
  Asked* one = asked(model);
  if (one == nullptr || !one->asker.serving)
    return 0;
  const std::vector<int32_t> seen = one->asker.serving->rows(seen_);
  one->excluded.insert(one->excluded.end(), seen.begin(), seen.end());
  size_t added = 0;
  for (size_t n = query_.n + list_.items().size(); list_.items().size() < query_.n; n *= 4) {
    CandidateList list{1, ask(*one, n)};
    const bool all = list.items.size() < n;
    added += take(fuse({&list, 1}, plan_.fusion), model);
    if (all || n > kWidest * query_.n)
      break;
  }
  return added;
}

size_t RecommenderAnswer::fill_from_recommender(const Recommender& other) {
  RecommendationQuery query = query_;
  query.model.clear();
  query.filter.clear();  // is over other columns there
  query.exclude.insert(query.exclude.end(), seen_.begin(), seen_.end());
  query.n = query_.n + list_.items().size();
  const Result<Recommendation> answer = other.recommend(query);
  if (!answer.ok())
    return 0;
  const bool ruled = items_ && (plan_.rules.rules_out() || filter_);
  const auto allowed = ruled ? items_->rows(user_row_.get(), filter_) : nullptr;
  std::vector<Candidate> candidates;
  for (const RecommendedItem& item : answer->items) {
    names_.push_back(item.item);
    const int32_t at = number(names_.back()), place = row(at);
    if (!allowed || (place < 0 ? allowed->strangers : allowed->rows.contains(place)))
      candidates.push_back({at, static_cast<float>(item.score)});
  }
  return take(std::move(candidates), other.id());
}

// By the number of users, of the first generator that has a history.
size_t RecommenderAnswer::fill_with_popular() {
  std::unordered_set<std::string_view> skip(query_.exclude.begin(), query_.exclude.end());
  skip.insert(seen_.begin(), seen_.end());
  const bool ruled = items_ && (plan_.rules.rules_out() || filter_);
  const auto allowed = ruled ? items_->rows(user_row_.get(), filter_) : nullptr;
  for (const RecommenderPlan::Generator& generator : plan_.candidates) {
    const Asked* one = asked(generator.model);
    const std::shared_ptr<const History> history = one ? one->model->history() : nullptr;
    if (!history)
      continue;
    const auto ids = history->ids();
    size_t added = 0;
    for (size_t n = 4 * query_.n + skip.size(); list_.items().size() < query_.n; n = ids->size()) {
      std::vector<Candidate> candidates;
      const std::vector<History::PopularItem> popular = history->popular(n);
      for (const History::PopularItem& item : popular) {
        names_.push_back(ids->id(item.item));
        if (skip.contains(names_.back()))
          continue;
        const int32_t at = number(names_.back()), place = row(at);
        if (!allowed || (place < 0 ? allowed->strangers : allowed->rows.contains(place)))
          candidates.push_back({at, static_cast<float>(item.users)});
      }
      added += take(std::move(candidates), kPopularity);
      if (popular.size() < n || n >= ids->size())
        break;
    }
    return added;
  }
  return 0;
}

}  // namespace penstock
