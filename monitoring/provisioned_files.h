// The files that Prometheus, Alertmanager and Grafana read, for exactly the metrics of this version: what
// `penstock monitoring FOLDER` writes, and what lies in monitoring/ of the repository. Pure: texts, no I/O.
#pragma once

#include <string>
#include <vector>

namespace penstock::monitoring {

struct MonitoringOptions {
  std::string node = "localhost:8080";                 // where Prometheus finds the node
  std::string prometheus = "http://localhost:9090";    // where Grafana finds Prometheus
  std::string alertmanager = "localhost:9093";         // where Prometheus finds Alertmanager
  std::string runbook = "docs/runbook.md";             // where dashboards and alerts link to; an address serves best
  std::string dashboards = "/etc/grafana/dashboards";  // where Grafana finds the dashboards' folder
};

struct ProvisionedFile {
  std::string path;  // below the folder: grafana/dashboards/overview.json
  std::string text;
};

/// All of them.
std::vector<ProvisionedFile> provisioned_files(const MonitoringOptions& options);

/// Dashboards and their provisioning, below grafana/.
std::vector<ProvisionedFile> grafana_files(const MonitoringOptions& options);
/// prometheus.yml, the rules below alerts/, alertmanager.yml.
std::vector<ProvisionedFile> prometheus_files(const MonitoringOptions& options);

}  // namespace penstock::monitoring
