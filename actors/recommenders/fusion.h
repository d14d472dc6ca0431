// Lists of candidates from several generators made into one. Pure; items are numbers that the caller gave them, the same in
// all lists.
//
// weighted: CombSUM (Fox and Shaw 1994) of min-max normalised scores (Lee 1997): each list's scores are brought to [0, 1], then
//   score(i) = sum over lists of weight × normalised score; an item that a list does not have gets nothing from it.
// rrf: reciprocal rank fusion (Cormack, Clarke and Büttcher 2009), weighted:
//   score(i) = sum over lists of weight / (k + rank), k = 60, rank from 1; needs no comparable scores.
#pragma once

#include <span>
#include <vector>

#include "models/model.h"

namespace penstock {

struct CandidateList {
  float weight = 1;
  std::vector<ScoredItem> items = {};  // best first, each item once
};

struct Candidate {
  int32_t item = 0;
  float score = 0;
  uint32_t source = 0;  // the list that added most to the score
  int32_t row = -1;     // in the item table; -1: none
};

enum class Fusion { kWeighted, kRrf };

/// Best first; equal scores by smaller list and then better rank.
std::vector<Candidate> fuse(std::span<const CandidateList> lists, Fusion fusion);
/// Best first again, after scores were changed; equal scores keep their order.
void sort_candidates(std::vector<Candidate>& candidates);

}  // namespace penstock
