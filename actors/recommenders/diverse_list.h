// The answer as it fills: no more than so many items of one vendor or category (caps), and among good candidates those that are
// unlike what is there already (MMR). Caps hold for the whole answer, whichever step fills it. One request; one thread.
//
// MMR is maximal marginal relevance (Carbonell and Goldstein 1998): of the candidates that are left the next is
//   argmax  lambda × relevance(i) − (1 − lambda) × max over chosen j of similarity(i, j)
// with the scores divided by the greatest as relevance, and as similarity the share of the compared columns in which both items
// have the same value. Items without a value in a column, or without a row, are like nothing there and count for no cap.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "actors/recommenders/fusion.h"
#include "actors/recommenders/row_table.h"

namespace penstock {

struct DiversityRules {
  struct Cap {
    size_t column;  // index into the table's coded columns
    uint32_t most;
  };
  std::vector<Cap> caps = {};
  std::optional<float> lambda = {};   // of MMR, 0 to 1; none: by score alone
  std::vector<size_t> compared = {};  // coded columns
};

class DiverseList {
 public:
  /// Both outlive the list; `table` may be null: then there are no rows.
  DiverseList(const DiversityRules& rules, const RowTable* table);

  /// Adds of `candidates` (best first, none there yet) until the list has n; says how many.
  size_t fill(const std::vector<Candidate>& candidates, size_t n);
  const std::vector<Candidate>& items() const { return items_; }

 private:
  bool is_full_for(const Candidate& candidate) const;
  void add(const Candidate& candidate);
  float similarity(const Candidate& a, const Candidate& b) const;

  const DiversityRules& rules_;
  const RowTable* table_;
  std::vector<Candidate> items_;
  std::vector<std::unordered_map<int32_t, uint32_t>> taken_;  // by cap: items of each value
};

}  // namespace penstock
