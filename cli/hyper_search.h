// One search for hyper-parameters: reads the model's data, tries, keeps and shows (tune.h). Called by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/status.h"
#include "topology/plan.h"

namespace penstock::cli {

struct TuneOptions {
  std::string file, model, results;
  std::string protocol = "temporal";
  std::string metric = "ndcg@10";
  std::string search = "bayesian";
  std::vector<std::string> ranges;
  uint64_t trials = 30;
  std::string time;
  uint64_t seed = 1, seeds = 1;
  int threads = 0;
  uint64_t max_events = 100'000'000;
  bool weighted = false;
};

/// Errors: of the options, the sources, the file of the trials; internal if every trial failed.
Status search_parameters(const TuneOptions& options, const topology::CheckedTopology& topology,
                         const topology::Component& model);

}  // namespace penstock::cli
