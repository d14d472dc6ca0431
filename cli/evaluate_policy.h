// `penstock evaluate-policy TOPOLOGY`: what other policies would have earned on a bandit's logged decisions, with intervals
// (models/off_policy.h). Offline: reads the log of impressions and the outcomes as `penstock export` writes them.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/exit.h"
#include "models/off_policy.h"
#include "topology/plan.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct EvaluatePolicyOptions {
  std::string model;      // empty: the topology's only bandit
  std::string decisions;  // JSON Lines with the columns of a log of impressions, and perhaps `reward`
  std::string outcomes;   // JSON Lines with the columns of the bandit's input; empty: rewards are in `decisions`
  bool json = false;
};

struct ReadDecisions {
  BanditOptions options;  // as the bandit declares them
  std::vector<std::string> arms;
  std::vector<LoggedDecision> log;
  size_t passed_over = 0;  // of other models, or without a propensity
};

/// A decision without an outcome has earned 0; of several outcomes the first counts. Errors: of the files, with their
/// place; not_found, invalid_argument.
Result<ReadDecisions> read_decisions(const EvaluatePolicyOptions& options, const topology::CheckedTopology& topology);

/// Gives the exit code.
int evaluate_policies(const EvaluatePolicyOptions& options, const topology::CheckedTopology& topology,
                      std::ostream& out, std::ostream& err);

void add_evaluate_policy(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
