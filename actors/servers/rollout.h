// Whether a version on trial goes on, goes live or is given up, from what was counted of it and of the live version. A pure
// function.
//
// A share counts as worse only beyond chance: by the one-sided z test of two proportions with pooled variance,
//   z = (p₁ − p₂ − d) / √(p (1 − p) (1/n₁ + 1/n₂)) ≥ 2.58,   p = (x₁ + x₂) / (n₁ + n₂),
// d the difference that is allowed. Source: Fleiss, Levin, Paik, "Statistical Methods for Rates and Proportions", 3rd ed., 2.3.
#pragma once

#include <cstdint>
#include <string>

#include "actors/trainers/life_cycle.h"
#include "storage/model_state.h"

namespace penstock {

/// Counted of one version since the trial began, or since the node started.
struct AnswerFigures {
  uint64_t answers = 0;
  uint64_t failed = 0;
  uint64_t known = 0;      // answers for users who have a history
  uint64_t empty = 0;      // of those, the empty ones
  uint64_t judged = 0;     // answers whose users did something new since
  uint64_t hits = 0;       // of those, where it was among what they were shown
  double p99_seconds = 0;  // 0: not known yet
};

/// What a version in shadow was compared by, means over the requests.
struct ShadowFigures {
  uint64_t compared = 0;
  uint64_t dropped = 0;         // not compared, because there was too much to do
  double overlap = 0;           // share of the live answer's items that are in the other one too
  double rank_correlation = 0;  // Spearman's, of the items in both
};

struct RolloutDecision {
  enum class Verdict { kGoOn, kGoLive, kGiveUp };
  Verdict verdict = Verdict::kGoOn;
  std::string reason = {};
};

/// `in_state`: how long the version has been in shadow or canary.
RolloutDecision decide(const Rollout& rollout, ModelState state, Duration in_state, const AnswerFigures& live,
                       const AnswerFigures& trial);

}  // namespace penstock
