// Events become Prometheus metrics and log lines. The metrics are those of metrics.h; a series is looked up by its labels
// and kept, so that an event costs well under a microsecond. Thread safe.
#pragma once

#include <memory>
#include <string>

#include "core/clock.h"
#include "monitoring/event.h"
#include "monitoring/log.h"

namespace penstock::monitoring {

struct PrometheusOptions {
  std::string topology;  // label of every metric
  std::string version;
  LogOptions log;
};

class PrometheusMonitor final : public Monitor {
 public:
  /// `clock` outlives the monitor; ages are computed with it at exposition.
  PrometheusMonitor(const PrometheusOptions& options, const Clock& clock);
  ~PrometheusMonitor() override;
  void emit(const Event& event) override;
  /// Prometheus text format 0.0.4, with the process_* metrics that Prometheus clients usually give.
  std::string exposition() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::monitoring
