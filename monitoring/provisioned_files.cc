#include "monitoring/provisioned_files.h"

#include "monitoring/panels/dashboards.h"
#include "monitoring/panels/grafana_json.h"
#include "monitoring/rules/rules_yaml.h"

namespace penstock::monitoring {
namespace {

/// Text between quotes, as YAML has it.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

std::string prometheus_config(const MonitoringOptions& options) {
  return "# What Prometheus scrapes and checks. Paths are relative to this file.\n"
         "global:\n"
         "  scrape_interval: 5s\n"
         "  evaluation_interval: 15s\n\n"
         "rule_files: [alerts/*.yaml]\n\n"
         "alerting:\n"
         "  alertmanagers:\n"
         "    - static_configs: [{targets: [" +
         quoted(options.alertmanager) +
         "]}]\n\n"
         "scrape_configs:\n"
         "  - job_name: penstock\n"
         "    static_configs:\n"
         "      # Every node, as host:port of its server.\n"
         "      - targets: [" +
         quoted(options.node) + "]\n";
}

std::string datasource_config(const MonitoringOptions& options) {
  return "# Where Grafana asks: copy to /etc/grafana/provisioning/datasources/.\n"
         "apiVersion: 1\n"
         "datasources:\n"
         "  - name: Prometheus\n"
         "    type: prometheus\n"
         "    uid: penstock-prometheus\n"
         "    access: proxy\n"
         "    url: " +
         quoted(options.prometheus) +
         "\n"
         "    isDefault: true\n"
         "    jsonData: {timeInterval: 5s}  # as often as Prometheus scrapes\n";
}

std::string provider_config(const MonitoringOptions& options) {
  return "# Where Grafana finds the dashboards: copy to /etc/grafana/provisioning/dashboards/.\n"
         "apiVersion: 1\n"
         "providers:\n"
         "  - name: penstock\n"
         "    folder: Penstock\n"
         "    type: file\n"
         "    allowUiUpdates: false\n"
         "    updateIntervalSeconds: 30\n"
         "    options: {path: " +
         quoted(options.dashboards) + "}\n";
}

}  // namespace

std::vector<ProvisionedFile> grafana_files(const MonitoringOptions& options) {
  std::vector<ProvisionedFile> files;
  for (const Dashboard& dashboard : dashboards())
    files.push_back({"grafana/dashboards/" + dashboard.uid + ".json", grafana_json(dashboard, options.runbook)});
  files.push_back({"grafana/provisioning/datasources/penstock.yaml", datasource_config(options)});
  files.push_back({"grafana/provisioning/dashboards/penstock.yaml", provider_config(options)});
  return files;
}

std::vector<ProvisionedFile> prometheus_files(const MonitoringOptions& options) {
  std::vector<ProvisionedFile> files = {{"prometheus.yml", prometheus_config(options)},
                                        {"alertmanager.yml", alertmanager_config()}};
  for (const auto& [name, text] : alert_files(options.runbook))
    files.push_back({"alerts/" + name, text});
  return files;
}

std::vector<ProvisionedFile> provisioned_files(const MonitoringOptions& options) {
  std::vector<ProvisionedFile> files = grafana_files(options);
  for (ProvisionedFile& file : prometheus_files(options))
    files.push_back(std::move(file));
  return files;
}

}  // namespace penstock::monitoring
