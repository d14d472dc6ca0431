#include "monitoring/panels/grafana_json.h"

#include <algorithm>

#include "monitoring/metrics.h"
#include "monitoring/panels/json_tree.h"

namespace penstock::monitoring {
namespace {

constexpr int kColumns = 24;
constexpr int kSchemaVersion = 37;  // Grafana 9; later ones carry it on

void write_all_chosen(JsonTree& json) {
  json.object("current", [&] {
    json.array("text", [&] { json.value("All"); });
    json.array("value", [&] { json.value("$__all"); });
    json.field("selected", true);
  });
}

/// A variable whose values are those of a label. `all`: several may be chosen, to begin with all of them.
void write_choice(JsonTree& json, const Variable& variable, const std::string& where, bool all) {
  json.object([&] {
    json.field("type", "query"), json.field("name", variable.name), json.field("label", variable.title);
    write_datasource(json);
    const std::string query = "label_values(" + variable.metric + where + ", " + variable.label + ")";
    json.field("definition", query);
    json.object("query", [&] { json.field("query", query), json.field("refId", variable.name); });
    json.field("refresh", 2), json.field("sort", 1), json.field("hide", 0), json.field("regex", "");
    json.field("multi", all), json.field("includeAll", all);
    if (all)
      json.field("allValue", ".*"), write_all_chosen(json);
    else if (!variable.start.empty())
      json.object("current", [&] {
        json.field("text", variable.start), json.field("value", variable.start), json.field("selected", true);
      });
  });
}

void write_variables(JsonTree& json, const Dashboard& dashboard, const std::string& runbook) {
  json.array("list", [&] {
    json.object([&] {
      json.field("type", "datasource"), json.field("name", "datasource"), json.field("label", "Data source");
      json.field("query", "prometheus"), json.field("refresh", 1), json.field("hide", 0);
      json.field("multi", false), json.field("includeAll", false);
    });
    const char* build = info(Metric::kBuildInfo).name;
    const std::string here = "{topology=~\"$topology\"}";
    write_choice(json, {"topology", "Topology", build, "topology"}, "", false);
    write_choice(json, {"instance", "Node", build, "instance"}, here, true);
    for (const Variable& variable : dashboard.variables)
      write_choice(json, variable, here, variable.start.empty());
    json.object([&] {
      json.field("type", "textbox"), json.field("name", "runbook"), json.field("label", "Runbook at");
      json.field("query", runbook), json.field("hide", 0);
      json.object("current",
                  [&] { json.field("text", runbook), json.field("value", runbook), json.field("selected", true); });
    });
  });
}

void write_links(JsonTree& json) {
  json.array("links", [&] {
    json.object([&] {
      json.field("type", "dashboards"), json.field("title", "Penstock"), json.field("asDropdown", false);
      json.array("tags", [&] { json.value("penstock"); });
      json.field("includeVars", true), json.field("keepTime", true), json.field("targetBlank", false);
    });
  });
}

void write_row_title(JsonTree& json, const std::string& title, int id, int y) {
  json.object([&] {
    json.field("id", id), json.field("type", "row"), json.field("title", title), json.field("collapsed", false);
    json.object("gridPos",
                [&] { json.field("x", 0), json.field("y", y), json.field("w", kColumns), json.field("h", 1); });
    json.array("panels", [] {});
  });
}

void write_panels(JsonTree& json, const Dashboard& dashboard) {
  json.array("panels", [&] {
    int id = 0, y = 0;
    for (const PanelRow& row : dashboard.rows) {
      write_row_title(json, row.title, ++id, y);
      const std::vector<Place> places = lay_out(row, y);
      for (size_t i = 0; i < row.panels.size(); ++i) {
        write_panel(json, row.panels[i], ++id, places[i]);
        y = std::max(y, places[i].y + places[i].height);
      }
    }
  });
}

}  // namespace

std::vector<Place> lay_out(const PanelRow& row, int y) {
  std::vector<Place> places;
  int x = 0, height = 0;
  ++y;
  for (const Panel& panel : row.panels) {
    if (x + panel.width > kColumns)
      x = 0, y += height, height = 0;
    places.push_back({x, y, panel.width, panel.height});
    x += panel.width, height = std::max(height, panel.height);
  }
  return places;
}

void write_datasource(JsonTree& json) {
  json.object("datasource", [&] { json.field("type", "prometheus"), json.field("uid", "${datasource}"); });
}

std::string grafana_json(const Dashboard& dashboard, const std::string& runbook) {
  JsonTree json;
  json.object([&] {
    json.field("uid", dashboard.uid), json.field("title", dashboard.title);
    json.field("description", dashboard.question);
    json.array("tags", [&] { json.value("penstock"); });
    json.field("schemaVersion", kSchemaVersion), json.field("version", 1), json.field("editable", true);
    json.field("graphTooltip", 1), json.field("timezone", "browser"), json.field("refresh", "10s");
    json.object("time", [&] { json.field("from", "now-1h"), json.field("to", "now"); });
    json.object("templating", [&] { write_variables(json, dashboard, runbook); });
    json.object("annotations", [&] { json.array("list", [] {}); });
    write_links(json);
    write_panels(json, dashboard);
  });
  return json.text();
}

}  // namespace penstock::monitoring
