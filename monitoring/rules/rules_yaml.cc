#include "monitoring/rules/rules_yaml.h"

#include <algorithm>
#include <cctype>

#include "monitoring/rules/rules.h"

namespace penstock::monitoring {
namespace {

const char* severity_name(Severity severity) { return severity == Severity::kCritical ? "critical" : "warning"; }

/// A double-quoted scalar. Rules hold no control characters.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string alert_text(const AlertRule& rule, const std::string& runbook) {
  return "      - alert: " + rule.name + "\n        expr: " + quoted(rule.expression) + "\n        for: " + rule.hold +
         "\n        labels:\n          severity: " + severity_name(rule.severity) +
         "\n        annotations:\n          summary: " + quoted(rule.summary) +
         "\n          description: " + quoted(rule.description) +
         "\n          runbook_url: " + quoted(runbook + "#" + runbook_anchor(rule.name)) + "\n";
}

std::string group_text(const RuleGroup& group, const std::string& runbook) {
  std::string text =
      "# " + group.about +
      "\n# Written by `penstock monitoring` from monitoring/rules. What to do about each alert: " + runbook +
      "\ngroups:\n  - name: penstock-" + group.name + "\n    rules:\n";
  for (const RecordingRule& rule : group.recordings)
    text += "      - record: " + rule.record + "\n        expr: " + quoted(rule.expression) + "\n";
  for (const AlertRule& rule : group.alerts)
    text += alert_text(rule, runbook);
  return text;
}

constexpr const char* kAlertmanager =
    R"(# An example for Alertmanager: how what the rules give becomes messages. Fill in where they go.
# Check it with `amtool check-config alertmanager.yml`.
route:
  receiver: team
  # One message for each alert and topology, however many components or nodes it concerns.
  group_by: [alertname, topology]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 12h
  routes:
    - matchers: [severity="critical"]
      receiver: on-call
      group_wait: 10s
      repeat_interval: 1h

inhibit_rules:
  # Of a node that is down, nothing else is news.
  - source_matchers: [alertname="PenstockNodeDown"]
    target_matchers: [alertname!="PenstockNodeDown"]
    equal: [instance]
  # A store that takes nothing stops everything that commits.
  - source_matchers: [alertname="PenstockStoreReadOnly"]
    target_matchers:
      - alertname=~"PenstockCommitsStopped|PenstockInputRefused|PenstockLagGrowing|PenstockApiErrors|PenstockFreshnessBreach|PenstockComponentErrors|PenstockComponentRestarts|PenstockCommitsRefused|PenstockStoreFull|PenstockWatermarkStalled|PenstockWorkersIdle"
    equal: [instance]
  # What is failing has restarted, commits nothing and falls behind.
  - source_matchers: [alertname="PenstockComponentFailing"]
    target_matchers:
      - alertname=~"PenstockComponentRestarts|PenstockComponentErrors|PenstockCommitsStopped|PenstockLagGrowing"
    equal: [instance, component_id]
  # The graver of two says it all.
  - source_matchers: [alertname="PenstockApiFailing"]
    target_matchers: [alertname="PenstockApiErrors"]
    equal: [instance]
  - source_matchers: [alertname="PenstockPipelineFailing"]
    target_matchers: [alertname=~"PenstockPipelineErrors|PenstockDeadLettersRising"]
    equal: [instance, component_id]
  - source_matchers: [alertname="PenstockStoreFull"]
    target_matchers: [alertname=~"PenstockStoreNearBudget|PenstockStoreFillsSoon"]
    equal: [instance]
  - source_matchers: [alertname="PenstockDiskFull"]
    target_matchers: [alertname="PenstockDiskNearFull"]
    equal: [instance]
  - source_matchers: [alertname="PenstockKafkaBehind"]
    target_matchers: [alertname="PenstockKafkaLagGrowing"]
    equal: [topology, component_id, topic]

receivers:
  - name: team
    webhook_configs:
      - url: http://127.0.0.1:9099/penstock   # fill in: your chat, ticket or mail gateway
  - name: on-call
    webhook_configs:
      - url: http://127.0.0.1:9099/penstock   # fill in: what gets somebody up
)";

}  // namespace

std::string runbook_anchor(const std::string& alert) {
  std::string anchor = alert;
  std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return anchor;
}

std::vector<std::pair<std::string, std::string>> alert_files(const std::string& runbook) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const RuleGroup& group : rule_groups())
    files.emplace_back(group.name + ".yaml", group_text(group, runbook));
  return files;
}

std::string alertmanager_config() { return kAlertmanager; }

}  // namespace penstock::monitoring
