// What the expressions of alerts have in common beyond PromQl: counters that begin to exist, and comparisons with limits.
#pragma once

#include <string>
#include <string_view>

#include "monitoring/promql.h"

namespace penstock::monitoring {

/// Labels that tell nodes apart; components of nodes; and components of a topology over all its nodes.
inline constexpr const char* kByNode = "topology, instance";
inline constexpr const char* kByComponent = "topology, instance, component_id, component_kind, component_type";
inline constexpr const char* kByTopologyComponent = "topology, component_id, component_kind, component_type";

/// The metric's selector with the matchers, over all topologies.
std::string value(Metric metric, std::string_view where = {});

/// How much a counter has grown over the last so many minutes, also where its series has only come to exist: `increase`
/// takes the first value of a series for what it always was, and so does not see the first error after a start. The first
/// value counts in full if the node was scraped before already, or has been started within the time. What a restarted node
/// counts anew is added to what it had counted.
std::string grown(Metric metric, int minutes, std::string_view where = {});

/// `expression > limit`, and the like.
std::string above(std::string_view expression, double limit);
std::string at_least(std::string_view expression, double limit);
std::string below(std::string_view expression, double limit);

/// How a limit is written: 0.25, 604800.
std::string number(double limit);

}  // namespace penstock::monitoring
