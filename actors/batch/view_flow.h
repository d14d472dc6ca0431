// The way of a view's rows from its logs to it: the same stages as in its region, made anew, in one thread. A task of a batch
// run pushes a part of a log through. Not thread safe; what it is made of outlives it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/recomputed.h"
#include "core/clock.h"
#include "topology/plan.h"

namespace penstock {

/// What of the plan leads to a view. Pure data, the same for every task.
struct ViewPlan {
  const topology::Plan* plan = nullptr;
  std::string view;
  std::string region;
  struct Log {
    std::string name;
    SchemaPtr schema;
  };
  std::vector<Log> logs;  // that its rows come from
  struct Edge {
    std::string from;  // a node, or a log
    bool from_log = false;
    std::string output;
    std::string to;
    uint32_t input = 0;
  };
  std::vector<Edge> edges;
  std::vector<topology::PlannedNode> nodes;  // without the view itself
  uint64_t definition = 0;                   // hash of all components on the way: another one gives other results
};

/// Errors: not_found; failed_precondition: it cannot be recomputed from logs, and why.
Result<ViewPlan> plan_view(const topology::Plan& plan, const std::string& view);

class ViewFlow {
 public:
  /// Errors: of the components' factories.
  static Result<ViewFlow> make(const ViewPlan& plan, const Clock& clock);

  /// Rows of a log; what arrives at the view is in it. Errors: of the stages.
  Status push(const std::string& log, const BatchPtr& rows);
  /// What has arrived since the last call, by key, and forgets it. Errors: of the aggregator.
  Result<std::vector<std::pair<std::string, std::string>>> take_entries();
  /// The view's type; holds what has arrived.
  Recomputed& view() { return *recomputed_; }
  uint64_t rejected() const { return rejected_; }

 private:
  struct Node {
    std::string id;
    std::vector<StagePtr> stages;
  };
  ViewFlow(const ViewPlan& plan, const Clock& clock) : plan_(&plan), clock_(&clock) {}
  Status begin();
  Status send(const std::string& from, bool from_log, const std::string& output, const BatchPtr& rows);
  Status run(const Node& node, size_t stage, size_t input, const BatchPtr& rows);

  const ViewPlan* plan_;
  const Clock* clock_;
  std::vector<Node> nodes_;
  std::unique_ptr<Aggregator> aggregator_;
  Recomputed* recomputed_ = nullptr;  // the same
  uint64_t rejected_ = 0;
};

}  // namespace penstock
