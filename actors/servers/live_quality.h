// How good a model is on the live stream, each event foretold before it was learnt, and how far the data have moved away
// from what it was trained on: as the node shows it. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace penstock {

/// The figures of one version for one segment of the live events.
struct LiveFigures {
  uint64_t version = 0;  // an online model has no versions: 0
  std::string segment;   // all, warm, cold, head, tail
  uint64_t events = 0;   // in the window
  std::vector<std::pair<std::string, double>> metrics = {};
};

/// Distances of a column, or of the scores, from the training window; 0 is none.
struct DriftFigures {
  std::string column;  // `scores`: those of the model
  uint64_t values = 0;
  double psi = 0;             // population stability index
  double jensen_shannon = 0;  // distance, 0 to 1
};

}  // namespace penstock
