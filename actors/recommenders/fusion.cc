#include "actors/recommenders/fusion.h"

#include <algorithm>
#include <unordered_map>

namespace penstock {
namespace {

constexpr float kRrf = 60;

}  // namespace

std::vector<Candidate> fuse(std::span<const CandidateList> lists, Fusion fusion) {
  std::vector<Candidate> out;
  std::vector<float> most;                    // that one list added to the candidate
  std::unordered_map<int32_t, size_t> place;  // of an item in `out`
  for (uint32_t source = 0; source < lists.size(); ++source) {
    const CandidateList& list = lists[source];
    if (list.items.empty())
      continue;
    const auto [low, high] = std::minmax_element(list.items.begin(), list.items.end(),
                                                 [](const auto& a, const auto& b) { return a.score < b.score; });
    const float least = low->score, range = high->score - low->score;
    for (size_t i = 0; i < list.items.size(); ++i) {
      const float rank = static_cast<float>(i) + 1;
      const float added = list.weight * (fusion == Fusion::kRrf ? 1 / (kRrf + rank)
                                         : range > 0            ? (list.items[i].score - least) / range
                                                                : 1);
      const auto [at, is_new] = place.emplace(list.items[i].item, out.size());
      if (is_new) {
        out.push_back({list.items[i].item, 0, source});
        most.push_back(added);
      }
      Candidate& candidate = out[at->second];
      candidate.score += added;
      if (added > most[at->second]) {
        most[at->second] = added;
        candidate.source = source;
      }
    }
  }
  sort_candidates(out);
  return out;
}

void sort_candidates(std::vector<Candidate>& candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
}

}  // namespace penstock
