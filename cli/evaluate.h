// `penstock evaluate FILE`: measures the models of a topology offline. Sources and stages run in this process, without a
// node and without a store; then each model learns from one part of the interactions and foretells the other.
#pragma once

#include <string>
#include <vector>

#include "cli/exit.h"
#include "models/evaluation.h"
#include "topology/plan.h"

namespace CLI {
class App;
}

namespace penstock::cli {

/// What was measured on one split of the data. Models with the same input share a split.
struct EvaluatedSplit {
  EvaluationReport report;   // its models: those of the topology, then the baselines; means over the seeds
  size_t dropped_users = 0;  // had too few interactions
  uint64_t seeds = 1;
  std::vector<double> spread;  // per model: max − min over the seeds of its first ndcg
};

/// For people: protocol, data, one column a model with 95 % confidence intervals, and every metric's definition.
std::string evaluation_text(const EvaluatedSplit& split);
/// For programs: `{"models":[{"name","type","seconds","metrics":{"ndcg@10":{"value","low","high"},...}}],...}`.
std::string evaluation_json(const std::vector<EvaluatedSplit>& splits);

/// What a model's input holds, read from its sources. Errors: of the sources.
Result<EventLog> read_interactions(const topology::CheckedTopology& topology, const topology::Component& model,
                                   uint64_t max_events);

void add_evaluate(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
