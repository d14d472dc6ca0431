// The process_* metrics that Prometheus clients usually give, read from /proc. Needs prometheus-cpp: for .cc files of this
// folder only.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace penstock::monitoring {

/// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_max_fds. Those that cannot be read are left out.
std::vector<prometheus::MetricFamily> process_metrics(const std::string& topology);

}  // namespace penstock::monitoring
