// Whether an expression in PromQL asks for what the node exposes: pure, for the tests of dashboards and alerts. Prometheus
// itself answers a name that does not exist, or a label that a metric does not have, with nothing and without a word.
#pragma once

#include <set>
#include <string_view>

#include "core/status.h"
#include "monitoring/metrics.h"

namespace penstock::monitoring {

/// Ok, or invalid_argument with the first mistake: a metric that nobody exposes, a label that the metric before it does not
/// have, a rate of a gauge, a histogram without its suffix, brackets or quotes that do not match.
Status check_promql(std::string_view expression);

/// The metrics of metric_list() that it names.
std::set<Metric> metrics_in(std::string_view expression);

}  // namespace penstock::monitoring
