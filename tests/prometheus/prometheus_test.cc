// Every question of a dashboard and of an alert, asked of a real Prometheus that scrapes a node on which a little of everything
// goes on. A panel that is dead, a rule that can never fire because nobody exposes what it looks at, shows here.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>

#include "monitoring/metrics.h"
#include "monitoring/panels/dashboards.h"
#include "monitoring/promql_check.h"
#include "monitoring/provisioned_files.h"
#include "monitoring/rules/rules.h"
#include "tests/dictionary/dictionary.h"
#include "tests/prometheus/busy_node.h"
#include "tests/prometheus/prometheus.h"

namespace penstock::test {
namespace {

using monitoring::Metric;

/// Metrics without a series as long as nothing goes wrong, which it does not here.
const std::map<Metric, std::string>& quiet_here() {
  static const std::map<Metric, std::string> list = {
      {Metric::kLostEvents, "no consumer is later than retention"},
      {Metric::kIsolatedEvents, "no record makes its component fail"},
      {Metric::kKafkaErrors, "the broker is well"},
  };
  return list;
}

/// Panels that say something only at times.
const std::map<std::string, std::string>& quiet_panels() {
  static const std::map<std::string, std::string> list = {
      {"penstock-sources: Will have caught up in", "the lag does not shrink while it is 0"},
      {"penstock-sources: Errors", "no source or sink fails in a way that is not tried again"},
      {"penstock-storage: Full in", "it tells from an hour on"},
  };
  return list;
}

/// Metrics that are there all the time, and that panels show only while something is under way.
const std::set<Metric>& shown_while_it_runs() {
  static const std::set<Metric> list = {Metric::kTrainingProgress, Metric::kTrainingEta, Metric::kJobProgress,
                                        Metric::kJobEta};
  return list;
}

/// As Grafana fills variables in: everything, and a range that covers several scrapes.
std::string filled_in(const std::string& expression) {
  const std::string ranges = std::regex_replace(expression, std::regex(R"(\$(__\w+|\{__\w+\}))"), "10s");
  return std::regex_replace(ranges, std::regex(R"(\$(\w+|\{\w+(:\w+)?\}))"), ".*");
}

struct Question {
  std::string where;
  std::string expression;
};

std::vector<Question> panel_questions() {
  std::vector<Question> out;
  for (const monitoring::Dashboard& dashboard : monitoring::dashboards())
    for (const monitoring::PanelRow& row : dashboard.rows)
      for (const monitoring::Panel& panel : row.panels)
        for (const monitoring::Query& query : panel.queries)
          out.push_back({dashboard.uid + ": " + panel.title, filled_in(query.expression)});
  return out;
}

bool may_be_empty(const Question& question) {
  const std::set<Metric> metrics = monitoring::metrics_in(question.expression);
  return quiet_panels().contains(question.where) || std::ranges::any_of(metrics, [](Metric metric) {
           return quiet_here().contains(metric) || shown_while_it_runs().contains(metric);
         });
}

std::string series_of(Metric metric) {
  const monitoring::MetricInfo& info = monitoring::info(metric);
  return std::string(info.name) + (info.type == monitoring::MetricType::kHistogram ? "_count" : "");
}

/// The files of `penstock monitoring`, in a folder. Gives the rule files.
std::vector<std::string> write_files(const TemporaryFolder& folder) {
  std::vector<std::string> rules;
  for (const monitoring::ProvisionedFile& file : monitoring::provisioned_files({})) {
    const std::string path = folder / file.path;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << file.text;
    if (file.path.starts_with("alerts/"))
      rules.push_back(path);
  }
  return rules;
}

/// Asks until all are answered with data, while clients go on; gives those that were not, with the error if there was one.
std::vector<std::string> unanswered(BusyNode& node, const Prometheus& prometheus, std::vector<Question> questions,
                                    std::chrono::seconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  std::vector<std::string> errors;
  while (true) {
    errors.clear();
    std::erase_if(questions, [&](const Question& question) {
      const Prometheus::Answer answer = prometheus.ask(question.expression);
      if (answer.series == 0)
        errors.push_back(question.where + ": " + (answer.error.empty() ? "nothing" : answer.error) + " for " +
                         question.expression);
      return answer.series > 0;
    });
    if (questions.empty() || std::chrono::steady_clock::now() > until)
      return errors;
    node.serve_clients();
  }
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  return text;
}

/// Of the topology that the node runs: a table of a view, of this or another version.
bool is_of_a_component(const std::string& table) {
  std::ifstream file(PENSTOCK_SOURCE_DIR "/tests/prometheus/everything.yaml");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  return text.find("\n  " + table.substr(0, table.find('#')) + ":") != std::string::npos;
}

Finished promtool(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"promtool"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return run_to_end({all});
}

bool is_installed() {
  const bool installed = Prometheus::is_installed();
  if (!installed)
    WARN("Prometheus is not installed (Debian package prometheus): skipped");
  return installed;
}

struct Fixture {
  TemporaryFolder files;
  std::vector<std::string> rule_files = write_files(files);
};

TEST_CASE_METHOD(Fixture, "Prometheus' own checker finds nothing wrong with rules and configuration", "[integration]") {
  if (!is_installed())
    return;
  std::vector<std::string> check = {"check", "rules"};
  check.insert(check.end(), rule_files.begin(), rule_files.end());
  REQUIRE_FALSE(rule_files.empty());
  const Finished rules = promtool(check);
  INFO(rules.out << rules.err);
  CHECK(rules.code == 0);
  const Finished config = promtool({"check", "config", files / "prometheus.yml"});
  INFO(config.out << config.err);
  CHECK(config.code == 0);
}

TEST_CASE_METHOD(Fixture, "a real Prometheus answers every question of dashboards and alerts about a busy node",
                 "[integration]") {
  if (!is_installed())
    return;
  BusyNode node;
  Prometheus prometheus(node.port(), rule_files);
  node.serve_clients();
  REQUIRE(prometheus.wait_for_scrape());

  std::vector<Question> questions;
  for (const Question& question : panel_questions())
    if (may_be_empty(question))
      CHECK(prometheus.ask(question.expression).error.empty());
    else
      questions.push_back(question);
  for (const monitoring::MetricInfo& metric : monitoring::metric_list())
    if (!quiet_here().contains(metric.metric))
      questions.push_back({"the list of metrics", series_of(metric.metric)});
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"})
    questions.push_back({"the process", name});
  CHECK(joined(unanswered(node, prometheus, questions, std::chrono::seconds(40))) == "");

  // An alert has nothing to say while all is well; what it looks at is there, as the list of metrics above shows.
  for (const monitoring::RuleGroup& group : monitoring::rule_groups())
    for (const monitoring::AlertRule& rule : group.alerts) {
      INFO(rule.name << ": " << rule.expression);
      CHECK(prometheus.ask(rule.expression).error.empty());
    }
  std::vector<std::string> unwell;
  const std::vector<RuleHealth> rules = prometheus.rules();
  for (const RuleHealth& rule : rules)
    if (rule.health != "ok")
      unwell.push_back(rule.name + " is " + rule.health + ": " + rule.error);
  CHECK(joined(unwell) == "");
  size_t written = 0;
  for (const monitoring::RuleGroup& group : monitoring::rule_groups())
    written += group.alerts.size() + group.recordings.size();
  CHECK(rules.size() == written);

  const std::string exposition = files / "metrics";
  std::ofstream(exposition) << node.node().get("/metrics").body;
  const Finished checked = run_to_end({{"sh", "-c", "promtool check metrics <" + exposition}});
  INFO(checked.out << checked.err);
  CHECK(checked.code == 0);
  CHECK((checked.out + checked.err).empty());

  std::vector<std::string> unknown;
  const std::unique_ptr<LmdbSnapshot> store = node.stop();
  for (const std::string& table : store->tables())
    if (!dictionary::is_system_table(table) && !is_of_a_component(table))
      unknown.push_back(table);
  INFO("tables that docs/data_dictionary.md does not tell of");
  CHECK(joined(unknown) == "");
}

}  // namespace
}  // namespace penstock::test
