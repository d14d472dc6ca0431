#include "actors/recommenders/diverse_list.h"

#include <algorithm>

namespace penstock {

DiverseList::DiverseList(const DiversityRules& rules, const RowTable* table)
    : rules_(rules), table_(table), taken_(table ? rules.caps.size() : 0) {}

bool DiverseList::is_full_for(const Candidate& candidate) const {
  for (size_t c = 0; c < taken_.size(); ++c) {
    const int32_t value = table_->code(rules_.caps[c].column, candidate.row);
    const auto found = taken_[c].find(value);
    if (value >= 0 && found != taken_[c].end() && found->second >= rules_.caps[c].most)
      return true;
  }
  return false;
}

void DiverseList::add(const Candidate& candidate) {
  for (size_t c = 0; c < taken_.size(); ++c)
    ++taken_[c][table_->code(rules_.caps[c].column, candidate.row)];
  items_.push_back(candidate);
}

float DiverseList::similarity(const Candidate& a, const Candidate& b) const {
  size_t same = 0;
  for (const size_t column : rules_.compared) {
    const int32_t value = table_->code(column, a.row);
    same += value >= 0 && value == table_->code(column, b.row);
  }
  return static_cast<float>(same) / static_cast<float>(rules_.compared.size());
}

size_t DiverseList::fill(const std::vector<Candidate>& candidates, size_t n) {
  const size_t before = items_.size();
  if (!rules_.lambda || rules_.compared.empty() || table_ == nullptr) {
    for (const Candidate& candidate : candidates)
      if (items_.size() < n && !is_full_for(candidate))
        add(candidate);
    return items_.size() - before;
  }
  const float lambda = *rules_.lambda;
  const float top = candidates.empty() || candidates.front().score <= 0 ? 1 : candidates.front().score;
  std::vector<float> likeness(candidates.size(), 0);  // to the most similar item of the list
  const auto compare_with = [&](const Candidate& chosen) {
    for (size_t i = 0; i < candidates.size(); ++i)
      likeness[i] = std::max(likeness[i], similarity(candidates[i], chosen));
  };
  for (const Candidate& chosen : items_)
    compare_with(chosen);
  std::vector<bool> gone(candidates.size());
  while (items_.size() < n) {
    std::optional<size_t> best;
    float most = 0;
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (gone[i])
        continue;
      const float relevance = lambda * candidates[i].score / top - (1 - lambda) * likeness[i];
      if (best && relevance <= most)
        continue;
      if ((gone[i] = is_full_for(candidates[i])))
        continue;
      best = i;
      most = relevance;
    }
    if (!best)
      break;
    gone[*best] = true;
    add(candidates[*best]);
    compare_with(candidates[*best]);
  }
  return items_.size() - before;
}

}  // namespace penstock
