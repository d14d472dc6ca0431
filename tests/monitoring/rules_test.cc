// The alert rules: what each must have, the files in monitoring/alerts, and their cases in tests/monitoring/alerts, which
// Prometheus' own promtool runs.
#include "monitoring/rules/rules.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "monitoring/promql_check.h"
#include "monitoring/rules/expressions.h"
#include "monitoring/rules/rules_yaml.h"
#include "tests/support/process.h"

namespace penstock::monitoring {
namespace {

const std::string kSource = PENSTOCK_SOURCE_DIR;

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<AlertRule> all_alerts() {
  std::vector<AlertRule> alerts;
  for (const RuleGroup& group : rule_groups())
    alerts.insert(alerts.end(), group.alerts.begin(), group.alerts.end());
  return alerts;
}

void check_file(const std::string& path, const std::string& text) {
  INFO(path << "; run the test with PENSTOCK_UPDATE_DOCS=1 to write it anew");
  if (std::getenv("PENSTOCK_UPDATE_DOCS") != nullptr)
    std::ofstream(path) << text;
  CHECK(read(path) == text);
}

/// Ends well; if the program is not there it says what installs it.
void run_tool(std::vector<std::string> arguments) {
  const auto done = test::run_to_end({.arguments = std::move(arguments), .folder = kSource});
  INFO(done.out << done.err << "(exit code 127: scripts/install-deps.sh monitoring)");
  CHECK(done.code == 0);
}

TEST_CASE("each alert asks for what exists, and says what it means") {
  std::set<std::string> names;
  for (const AlertRule& alert : all_alerts()) {
    INFO(alert.name);
    CHECK(names.insert(alert.name).second);
    CHECK_THAT(alert.name, Catch::StartsWith("Penstock"));
    const Status status = check_promql(alert.expression);
    INFO(status.message());
    CHECK(status.ok());
    CHECK_THAT(alert.summary, Catch::Contains("{{") || Catch::Equals("Prometheus watches no node"));
    CHECK(alert.summary.back() != '.');
    CHECK_THAT(alert.description, Catch::EndsWith("."));
    CHECK_THAT(alert.hold, Catch::Matches("[0-9]+(s|m|h)"));
  }
}

TEST_CASE("what grows is seen from its first value on") {
  CHECK(grown(Metric::kRestarts, 15, "component_kind=\"sink\"") ==
        "((penstock_supervisor_restarts_total{component_kind=\"sink\"} unless "
        "penstock_supervisor_restarts_total{component_kind=\"sink\"} offset 15m) and on (topology, instance) "
        "(penstock_started_timestamp_seconds offset 15m or penstock_started_timestamp_seconds > time() - 900) or "
        "increase(penstock_supervisor_restarts_total{component_kind=\"sink\"}[15m]))");
  CHECK(above("a", 0.25) == "a > 0.25");
  CHECK(at_least("a", 604'800) == "a >= 604800");
}

TEST_CASE("monitoring/alerts and alertmanager.yml are those of the list") {
  for (const auto& [name, text] : alert_files("docs/runbook.md"))
    check_file(kSource + "/monitoring/alerts/" + name, text);
  check_file(kSource + "/monitoring/alertmanager.yml", alertmanager_config());
}

TEST_CASE("promtool and amtool take the files") {
  for (const RuleGroup& group : rule_groups())
    run_tool({"promtool", "check", "rules", "monitoring/alerts/" + group.name + ".yaml"});
  run_tool({"amtool", "check-config", "monitoring/alertmanager.yml"});
}

TEST_CASE("each alert fires when it should, and only then") {
  for (const RuleGroup& group : rule_groups()) {
    const std::string file = "tests/monitoring/alerts/" + group.name + "_test.yaml";
    run_tool({"promtool", "test", "rules", file});
    const std::string cases = read(kSource + "/" + file);
    for (const AlertRule& alert : group.alerts) {
      INFO(alert.name << " has no case in " << file);
      const std::string look = "expr: count(ALERTS{alertname=\"" + alert.name + "\",alertstate=\"firing\"})";
      size_t firing = 0, silent = 0;
      for (size_t at = cases.find(look); at != std::string::npos; at = cases.find(look, at + 1)) {
        const std::string expected = cases.substr(cases.find("exp_samples: ", at) + 13, 3);
        ++(expected.starts_with("[]") ? silent : firing);
      }
      CHECK(firing > 0);
      CHECK(silent > 0);
    }
  }
}

TEST_CASE("each alert has its entry in the runbook, which says how grave it is") {
  const std::string runbook = "\n" + read(kSource + "/docs/runbook.md");
  for (const AlertRule& alert : all_alerts()) {
    const std::string grave = alert.severity == Severity::kCritical ? "Critical" : "Warning";
    const std::string after = alert.hold == "0s" ? "at once" : "after " + alert.hold;
    INFO(alert.name);
    CHECK_THAT(runbook, Catch::Contains("\n### " + alert.name + "\n\n" + grave + ", " + after + ". "));
  }
}

}  // namespace
}  // namespace penstock::monitoring
