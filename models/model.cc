#include "models/model.h"

namespace penstock {

std::vector<std::vector<ScoredItem>> ModelSnapshot::recommend_many(std::span<const ModelQuery> queries) const {
  std::vector<std::vector<ScoredItem>> answers;
  answers.reserve(queries.size());
  for (const ModelQuery& query : queries)
    answers.push_back(recommend(query));
  return answers;
}

std::vector<float> ModelSnapshot::score(const ModelQuery& query, std::span<const int32_t> items) const {
  const std::vector<float> all = score_all(query);
  std::vector<float> scores;
  if (all.empty())
    return scores;
  scores.reserve(items.size());
  for (const int32_t item : items)
    scores.push_back(all[item]);
  return scores;
}

}  // namespace penstock
