#include "monitoring/panels/dashboards.h"

#include <catch2/catch.hpp>
#include <set>

#include "monitoring/panels/grafana_json.h"
#include "monitoring/promql_check.h"
#include "monitoring/rules/rules.h"

namespace penstock::monitoring {
namespace {

template <class F>
void each_panel(F look) {
  for (const Dashboard& dashboard : dashboards())
    for (const PanelRow& row : dashboard.rows)
      for (const Panel& panel : row.panels) {
        INFO(dashboard.uid << ": " << panel.title);
        look(dashboard, panel);
      }
}

TEST_CASE("every expression of every panel asks for what the node exposes") {
  each_panel([](const Dashboard&, const Panel& panel) {
    CHECK_FALSE(panel.queries.empty());
    for (const Query& query : panel.queries) {
      const Status status = check_promql(query.expression);
      INFO(status.message());
      CHECK(status.ok());
    }
  });
}

TEST_CASE("every expression asks for the topology and the node that are chosen") {
  each_panel([](const Dashboard&, const Panel& panel) {
    for (const Query& query : panel.queries)
      CHECK_THAT(query.expression, Catch::Contains("topology=~\"$topology\",instance=~\"$instance\""));
  });
}

TEST_CASE("every panel says what it shows, and every series of it has a name") {
  each_panel([](const Dashboard&, const Panel& panel) {
    CHECK(panel.description.size() > 10);
    CHECK(panel.description.ends_with("."));
    for (const Query& query : panel.queries)
      CHECK_FALSE(query.legend.empty());
    CHECK(panel.width >= 4);
    CHECK(panel.width <= 24);
    CHECK((panel.kind == PanelKind::kTable) == !panel.labels.empty());
  });
}

TEST_CASE("a panel leads to an alert that has an entry in the runbook") {
  std::set<std::string> alerts;
  for (const RuleGroup& group : rule_groups())
    for (const AlertRule& alert : group.alerts)
      alerts.insert(alert.name);
  each_panel([&](const Dashboard&, const Panel& panel) {
    if (!panel.runbook.empty()) {
      INFO(panel.runbook);
      CHECK(alerts.contains(panel.runbook));
    }
  });
}

TEST_CASE("every dashboard and every panel of it has a name of its own") {
  std::set<std::string> names;
  for (const Dashboard& dashboard : dashboards()) {
    CHECK(names.insert(dashboard.uid).second);
    CHECK(dashboard.uid.size() <= 40);  // Grafana takes no more
    for (const PanelRow& row : dashboard.rows)
      for (const Panel& panel : row.panels) {
        INFO(dashboard.uid << ": " << row.title << ": " << panel.title);
        CHECK(names.insert(dashboard.uid + "/" + row.title + "/" + panel.title).second);
      }
  }
}

TEST_CASE("every metric is on a panel, or needs none for a reason") {
  std::set<Metric> shown;
  each_panel([&](const Dashboard&, const Panel& panel) {
    for (const Query& query : panel.queries)
      shown.merge(metrics_in(query.expression));
  });
  for (const NeedsNoPanel& metric : need_no_panel()) {
    INFO(info(metric.metric).name << ": " << metric.reason);
    CHECK(shown.insert(metric.metric).second);
  }
  for (const MetricInfo& metric : metric_list()) {
    INFO(metric.name);
    CHECK(shown.contains(metric.metric));
  }
}

TEST_CASE("a variable offers the values of a label that its metric has") {
  for (const Dashboard& dashboard : dashboards())
    for (const Variable& variable : dashboard.variables)
      CHECK(check_promql(variable.metric + "{" + variable.label + "=\"\"}").ok());
}

TEST_CASE("panels stand side by side and below each other, and never over each other") {
  for (const Dashboard& dashboard : dashboards())
    for (const PanelRow& row : dashboard.rows) {
      const std::vector<Place> places = lay_out(row, 0);
      std::set<std::pair<int, int>> taken;
      for (size_t i = 0; i < places.size(); ++i) {
        INFO(dashboard.uid << ": " << row.panels[i].title);
        CHECK(places[i].x + places[i].width <= 24);
        CHECK(places[i].y >= 1);  // below the title
        for (int x = places[i].x; x < places[i].x + places[i].width; ++x)
          for (int y = places[i].y; y < places[i].y + places[i].height; ++y)
            CHECK(taken.insert({x, y}).second);
      }
    }
}

}  // namespace
}  // namespace penstock::monitoring
