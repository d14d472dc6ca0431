// How a model's versions come to serve and go, as its component declares it: when it is trained anew, what the gate asks,
// how a version that passed is rolled out, how many are kept.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/units.h"
#include "topology/component.h"
#include "topology/property.h"

namespace penstock {

struct Gate {
  std::string metric = "ndcg@10";
  double margin = 0.02;  // of the live version's value: a new one may be worse by so much
};

/// A version on trial is given up when it is worse than the live one by more than these, beyond chance.
struct RolloutLimits {
  double errors = 0.001;        // share of the answers that failed
  double empty = 0.02;          // share of the answers that are empty though the user is known
  double latency = 3;           // 99th percentile, as a multiple of the live one's
  double hits = 0.2;            // share of the users who took what they were shown, relative to the live one's
  uint64_t least_answers = 20;  // before it may go live
};

struct Rollout {
  enum class Mode { kDirect, kShadow, kCanary };
  Mode mode = Mode::kDirect;
  Duration shadow_for{600'000'000};
  double shadow_share = 0.1;  // of the requests
  Duration canary_for{600'000'000};
  double canary = 0.1;  // of the users
  RolloutLimits limits = {};
};

struct LifeCycle {
  Gate gate;
  Rollout rollout;
  size_t keep = 5;
  Duration train_every{0};  // 0: not by itself
};

/// gate, rollout, keep, train_every.
std::vector<topology::Property> life_cycle_properties();
/// Requires: the component was checked against them; what it has not is as above.
LifeCycle life_cycle_of(const topology::Component& component);

}  // namespace penstock
