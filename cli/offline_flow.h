// Runs the part of a topology that leads to one component, in the caller's thread, without actors and without a store:
// sources are read as far as they go now, stages are called directly, aggregators end one epoch when all is read.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "actors/components.h"
#include "core/clock.h"
#include "core/status.h"
#include "topology/plan.h"

namespace penstock::cli {

struct OfflineRead {
  uint64_t records = 0;      // read from sources
  uint64_t rejected = 0;     // that could not be decoded or computed
  std::string first_reason;  // of the first of those
};

class OfflineFlow {
 public:
  using Take = std::function<Status(const BatchPtr& batch)>;
  using Shown = std::function<void(const OfflineRead& so_far, const SourceProgress& source)>;

  /// `target`: the component whose rows are wanted. The topology and the clock outlive the flow.
  /// Errors: invalid_argument if rows come through a join, or an output beside a stage's main one; of the components'
  /// factories.
  static Result<OfflineFlow> make(const topology::CheckedTopology& topology, const std::string& target,
                                  const Clock& clock);

  /// Hands all rows of the target to `take`. A source that goes on for ever ends where it has nothing at the moment, or
  /// after `max_records`. Call once. Errors: of the sources and of `take`.
  Result<OfflineRead> run(uint64_t max_records, const Take& take, const Shown& shown);

 private:
  struct Step {
    std::string id;
    SourcePtr source = {};              // a source, else null
    std::unique_ptr<Stage> stage = {};  // null for a source and for a union
    Aggregator* aggregator = nullptr;   // `stage`, if it is one
    std::vector<size_t> consumers = {};
  };

  Status add(const topology::CheckedTopology& topology, const topology::Component& component, const Clock& clock);
  Status read(Step& step, uint64_t max_records, const Shown& shown);
  Status process(size_t step, const BatchPtr& batch);
  Status pass_on(size_t step, const BatchPtr& batch);
  Status pass_on(size_t step, StageOutput& out);
  void reject(const std::vector<Rejected>& rejected);

  std::vector<Step> steps_;  // in flow order; the last is the target
  Take take_;
  OfflineRead done_;
};

}  // namespace penstock::cli
