#include "monitoring/panels/dashboards.h"

namespace penstock::monitoring {

const std::vector<Dashboard>& dashboards() {
  static const std::vector<Dashboard> list = {
      overview_dashboard(),    dataflow_dashboard(), sources_dashboard(), storage_dashboard(),
      supervision_dashboard(), serving_dashboard(),  models_dashboard(),  jobs_dashboard(),
  };
  return list;
}

const PromQl& chosen() {
  static const PromQl promql("topology=~\"$topology\",instance=~\"$instance\"", "$__rate_interval");
  return promql;
}

std::string time_share(const std::string& state, const std::string& where) {
  const std::string labels = "component_id, component_kind";
  const std::string both = "state=\"" + state + "\"" + (where.empty() ? "" : "," + where);
  return ratio(sum_by(labels, chosen().rate(Metric::kTimeSeconds, both)),
               sum_by(labels, chosen().rate(Metric::kTimeSeconds, where)));
}

std::string or_zero(const std::string& expression) { return "(" + expression + ") or vector(0)"; }

std::string times(const std::string& increase) { return "round(" + increase + ")"; }

const std::vector<NeedsNoPanel>& need_no_panel() {
  static const std::vector<NeedsNoPanel> list = {
      {Metric::kModelTrained, "its age is shown: penstock_model_staleness_seconds"},
      {Metric::kWatermark, "its distance from the clock is shown: penstock_watermark_lag_seconds"},
  };
  return list;
}

}  // namespace penstock::monitoring
