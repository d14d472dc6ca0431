#include "monitoring/rules/expressions.h"
#include "monitoring/rules/rules.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {

RuleGroup node_rules() {
  using namespace thresholds;
  const PromQl outside("job=\"penstock\"", "");
  const std::string up = outside.outside("up");
  const std::string failing = value(Metric::kState, "state=~\"failing|failed\"") + " == 1";
  RuleGroup group{"node", "The process, its parts, its memory.", {}, {}};
  group.alerts = {
      {"PenstockNodeDown", up + " == 0", "1m", Severity::kCritical, "The node {{ $labels.instance }} does not answer",
       "Prometheus has had no metrics from it for a minute. Nothing is taken in and nothing is answered; what was "
       "acknowledged is in its store."},
      {"PenstockNodeMissing", "absent(" + up + ")", "5m", Severity::kWarning, "Prometheus watches no node",
       "No target of the job `penstock` is configured or found, so no other alert can fire either."},
      {"PenstockNodeRestarts", at_least("changes(" + value(Metric::kStarted) + "[15m])", kNodeStarts), "0s",
       Severity::kCritical, "The node {{ $labels.instance }} has started {{ $value }} times in 15 minutes",
       "Something ends the process again and again: memory, a part that hangs, a record that crashes it, the machine."},
      {"PenstockNodeNotReady", value(Metric::kReady) + " == 0", "10m", Severity::kWarning,
       "The node {{ $labels.instance }} has been coming up for more than 10 minutes",
       "A region has not run yet, or a model with enough history has not been trained. Load balancers leave it out."},
      {"PenstockComponentFailing", failing, "1m", Severity::kCritical,
       "{{ $labels.component_kind }} {{ $labels.component_id }} of {{ $labels.instance }} is {{ $labels.state }}",
       "It failed so often that its supervisor pauses between tries, or was not begun again. What comes before it "
       "waits "
       "in its log; everything else goes on."},
      {"PenstockComponentDown",
       value(Metric::kUp) + " == 0 unless on (topology, instance, component_id, component_kind) (" + failing + ")",
       "10m", Severity::kWarning,
       "{{ $labels.component_kind }} {{ $labels.component_id }} of {{ $labels.instance }} is not running",
       "It has been starting, restarting or stopped for more than 10 minutes."},
      {"PenstockComponentRestarts", at_least(grown(Metric::kRestarts, 15), kComponentRestarts), "0s",
       Severity::kWarning,
       "{{ $labels.component_kind }} {{ $labels.component_id }} of {{ $labels.instance }} restarted {{ $value | printf "
       "\"%.0f\" }} times in 15 minutes",
       "It fails again and again. Each restart does the uncommitted work anew; nothing is lost or counted twice."},
      {"PenstockComponentStalled", above(grown(Metric::kStalls, 5), 0), "0s", Severity::kCritical,
       "{{ $labels.component_kind }} {{ $labels.component_id }} of {{ $labels.instance }} has hung",
       "It had work and did not answer within stall_timeout. After twice that time the process ends itself with exit "
       "code 70, unless it waits for the disk."},
      {"PenstockComponentErrors",
       at_least("sum by (" + std::string(kByComponent) + ", error_type) (" +
                    grown(Metric::kErrors, 15, "error_type!=\"unavailable\"") + ")",
                kComponentErrors),
       "0s", Severity::kWarning,
       "{{ $labels.component_kind }} {{ $labels.component_id }} of {{ $labels.instance }}: {{ $value | printf \"%.0f\" "
       "}} errors `{{ $labels.error_type }}` in 15 minutes",
       "The log line of each error says what failed. Records are not lost by it: what was not committed is done "
       "again."},
      {"PenstockMemoryNearBudget", above(ratio(value(Metric::kMemoryUsed), value(Metric::kMemoryBudget)), kMemoryShare),
       "10m", Severity::kWarning,
       "The node {{ $labels.instance }} uses {{ $value | humanizePercentage }} of its memory budget",
       "At the budget input waits, cold keys are left to the disk, and trainings that would not fit do not begin."},
      {"PenstockOpenFiles",
       above(ratio(outside.outside("process_open_fds"), outside.outside("process_max_fds")), kOpenFiles), "10m",
       Severity::kWarning, "The node {{ $labels.instance }} has {{ $value | humanizePercentage }} of its files open",
       "Files and connections. At the limit of the process (`ulimit -n`) new connections are refused."},
  };
  return group;
}

}  // namespace penstock::monitoring
