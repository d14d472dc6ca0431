// What a node offers about its experiments: how each is set up and what it has shown so far. Any thread.
#pragma once

#include <string>
#include <vector>

#include "core/status.h"
#include "core/units.h"
#include "models/uplift.h"

namespace penstock {

struct ExperimentStatus {
  struct Variant {
    std::string name;
    std::string model;  // or recommender
    double share = 0;   // of all, from 0 to 1
    VariantSums sums;
    std::vector<MetricUplift> metrics;  // against the first variant
  };
  std::string id, type;
  std::string impressions;  // the log
  std::string outcomes;     // the stream
  Duration within{};
  double mismatch = 1;     // p-value of as uneven numbers of users; below kMismatch nothing else means anything
  bool measuring = false;  // false: its region is starting, and there are no figures yet
  std::vector<Variant> variants;
};

class ExperimentDesk {
 public:
  virtual ~ExperimentDesk() = default;
  virtual std::vector<ExperimentStatus> list() const = 0;
  /// Errors: not_found.
  virtual Result<ExperimentStatus> show(const std::string& id) const = 0;
};

}  // namespace penstock
