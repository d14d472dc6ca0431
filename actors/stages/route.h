// Stage `route`: parts its rows by conditions. Each route is an output of its own, which others read as `id.name`; the main
// output has the rows that no route takes. Routes are tried in the order of the file, and the first whose condition is
// true takes the row (null is not true, as in filter); with `copy: all` each whose condition is true. A row is rejected if
// a condition that is tried has no value for it. Free of copying: batches go on with a selection. One thread at a time.
#pragma once

#include <string>
#include <vector>

#include "actors/stages/stage.h"
#include "sql/expression.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct RoutePlan {
  struct Route {
    std::string name;
    sql::Expression where;
  };
  std::vector<Route> routes;
  bool all = false;  // a row goes to every route that it fits
};

class Route final : public Stage {
 public:
  explicit Route(RoutePlan plan) : plan_(std::move(plan)) {}
  Status process(const BatchPtr& batch, StageOutput& out) override;

 private:
  void to_first(const BatchPtr& batch, StageOutput& out) const;
  void to_all(const BatchPtr& batch, StageOutput& out) const;
  RoutePlan plan_;
};

topology::ComponentType route_type();
Result<StagePtr> make_route(const MakeContext& context);

}  // namespace penstock
