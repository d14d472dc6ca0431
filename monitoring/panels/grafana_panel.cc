#include "monitoring/panels/grafana_panel.h"

#include <algorithm>

#include "monitoring/panels/grafana_json.h"
#include "monitoring/panels/grafana_names.h"
#include "monitoring/panels/json_tree.h"
#include "monitoring/rules/rules_yaml.h"

namespace penstock::monitoring {
namespace {

/// Asked for the present alone. A figure that may be gone has no course: its last value would be shown as if it still held.
bool is_now(const Panel& panel) {
  return panel.kind == PanelKind::kTable || panel.kind == PanelKind::kBarGauge ||
         (panel.kind == PanelKind::kStat && !panel.empty.empty());
}

/// A..Z, then AA..: Grafana's names of a panel's queries.
std::string query_name(size_t index) {
  const std::string letter(1, static_cast<char>('A' + index % 26));
  return index < 26 ? letter : query_name(index / 26 - 1) + letter;
}

void write_thresholds(JsonTree& json, const Panel& panel) {
  json.object("thresholds", [&] {
    json.field("mode", "absolute");
    json.array("steps", [&] {
      // The first step has no lower end; a panel whose low values are bad begins with one below all of them.
      const bool own_first = !panel.thresholds.empty() && panel.thresholds.front().from < 0;
      if (!own_first)
        json.object([&] { json.field("color", "green"), json.field("value", nullptr); });
      for (const Threshold& step : panel.thresholds)
        json.object([&] {
          json.field("color", name_of(step.colour));
          if (step.from < 0)
            json.field("value", nullptr);
          else
            json.field("value", step.from);
        });
    });
  });
}

void write_meanings(JsonTree& json, const Panel& panel) {
  json.array("mappings", [&] {
    if (panel.meanings.empty())
      return;
    json.object([&] {
      json.field("type", "value");
      json.object("options", [&] {
        for (size_t i = 0; i < panel.meanings.size(); ++i) {
          const Meaning& meaning = panel.meanings[i];
          json.object(std::to_string(static_cast<int>(meaning.value)), [&] {
            json.field("color", name_of(meaning.colour)), json.field("index", static_cast<int>(i));
            json.field("text", meaning.text);
          });
        }
      });
    });
  });
}

/// How lines are drawn.
void write_lines(JsonTree& json, const Panel& panel) {
  json.object("custom", [&] {
    json.field("drawStyle", "line"), json.field("lineWidth", 1);
    json.field("fillOpacity", panel.stacked ? 30 : 8), json.field("showPoints", "never");
    json.field("spanNulls", false), json.field("axisSoftMin", 0);
    json.object("stacking", [&] { json.field("group", "A"), json.field("mode", panel.stacked ? "normal" : "none"); });
    json.object("thresholdsStyle", [&] { json.field("mode", panel.thresholds.empty() ? "off" : "line"); });
  });
}

/// A table's columns that have a unit of their own.
void write_overrides(JsonTree& json, const Panel& panel) {
  json.array("overrides", [&] {
    for (const Query& query : panel.queries)
      if (query.unit)
        json.object([&] {
          json.object("matcher", [&] { json.field("id", "byName"), json.field("options", query.legend); });
          json.array("properties", [&] {
            json.object([&] { json.field("id", "unit"), json.field("value", name_of(*query.unit)); });
          });
        });
  });
}

void write_field_config(JsonTree& json, const Panel& panel) {
  json.object("fieldConfig", [&] {
    json.object("defaults", [&] {
      json.field("unit", name_of(panel.unit));
      if (panel.kind == PanelKind::kBarGauge)
        json.field("min", 0);
      if (panel.maximum)
        json.field("max", *panel.maximum);
      if (!panel.empty.empty())
        json.field("noValue", panel.empty);
      json.object("color",
                  [&] { json.field("mode", panel.kind == PanelKind::kTimeseries ? "palette-classic" : "thresholds"); });
      if (panel.kind == PanelKind::kTimeseries)
        write_lines(json, panel);
      if (panel.kind == PanelKind::kStateTimeline)
        json.object("custom", [&] { json.field("fillOpacity", 80), json.field("lineWidth", 0); });
      write_thresholds(json, panel);
      write_meanings(json, panel);
    });
    write_overrides(json, panel);
  });
}

void write_last_value(JsonTree& json) {
  json.object("reduceOptions", [&] {
    json.array("calcs", [&] { json.value("lastNotNull"); });
    json.field("fields", ""), json.field("values", false);
  });
}

void write_legend(JsonTree& json, const Panel& panel) {
  json.object("legend", [&] {
    const bool alone = panel.queries.size() == 1 && panel.queries.front().legend.find("{{") == std::string::npos;
    json.field("displayMode", "list"), json.field("placement", "bottom"), json.field("showLegend", !alone);
    json.array("calcs", [&] { json.value("lastNotNull"); });
  });
  json.object("tooltip", [&] { json.field("mode", "multi"), json.field("sort", "desc"); });
}

void write_heatmap(JsonTree& json, const Panel& panel) {
  json.field("calculate", false), json.field("cellGap", 1), json.field("showValue", "never");
  json.object("rowsFrame", [&] { json.field("layout", "auto"); });
  json.object("filterValues", [&] { json.field("le", 1e-9); });  // empty cells stay empty
  json.object("yAxis", [&] { json.field("unit", name_of(panel.unit)), json.field("axisPlacement", "left"); });
  json.object("color", [&] {
    json.field("mode", "scheme"), json.field("scheme", "Blues"), json.field("steps", 64);
    json.field("fill", "dark-blue"), json.field("scale", "exponential"), json.field("exponent", 0.5);
    json.field("reverse", false);
  });
  json.object("legend", [&] { json.field("show", true); });
  json.object("tooltip", [&] { json.field("show", true), json.field("mode", "single"); });
}

void write_options(JsonTree& json, const Panel& panel) {
  json.object("options", [&] {
    switch (panel.kind) {
      case PanelKind::kTimeseries: write_legend(json, panel); break;
      case PanelKind::kStat: {
        const bool named = panel.queries.front().legend.find("{{") != std::string::npos;
        write_last_value(json);
        json.field("colorMode", panel.thresholds.empty() ? "value" : "background");
        json.field("graphMode", panel.meanings.empty() && !is_now(panel) ? "area" : "none");
        json.field("textMode", named ? "value_and_name" : "value"), json.field("justifyMode", "center");
        break;
      }
      case PanelKind::kBarGauge:
        write_last_value(json);
        json.field("orientation", "horizontal"), json.field("displayMode", "basic"), json.field("showUnfilled", true);
        break;
      case PanelKind::kTable:
        json.field("showHeader", true), json.field("cellHeight", "sm");
        json.array("sortBy", [&] {
          if (!panel.sorted_by.empty())
            json.object([&] { json.field("displayName", panel.sorted_by), json.field("desc", true); });
        });
        break;
      case PanelKind::kStateTimeline:
        json.field("mergeValues", true), json.field("showValue", "never"), json.field("rowHeight", 0.8);
        json.object("legend", [&] {
          json.field("displayMode", "list"), json.field("placement", "bottom"), json.field("showLegend", true);
        });
        break;
      case PanelKind::kHeatmap: write_heatmap(json, panel); break;
    }
  });
}

void write_targets(JsonTree& json, const Panel& panel) {
  json.array("targets", [&] {
    for (size_t i = 0; i < panel.queries.size(); ++i)
      json.object([&] {
        const bool now = is_now(panel);
        json.field("refId", query_name(i));
        write_datasource(json);
        json.field("editorMode", "code"), json.field("expr", panel.queries[i].expression);
        json.field("legendFormat", panel.queries[i].legend);
        json.field("instant", now), json.field("range", !now);
        const bool table = panel.kind == PanelKind::kTable;
        json.field("format", table ? "table" : panel.kind == PanelKind::kHeatmap ? "heatmap" : "time_series");
      });
  });
}

/// Several questions become one table: lines are told apart by their labels, each question gives a column.
void write_table(JsonTree& json, const Panel& panel) {
  json.array("transformations", [&] {
    json.object([&] { json.field("id", "merge"), json.object("options", [] {}); });
    json.object([&] {
      json.field("id", "organize");
      json.object("options", [&] {
        json.object("excludeByName", [&] { json.field("Time", true); });
        json.object("indexByName", [&] {
          for (size_t i = 0; i < panel.labels.size(); ++i)
            json.field(panel.labels[i], static_cast<int>(i));
        });
        json.object("renameByName", [&] {
          for (size_t i = 0; i < panel.queries.size(); ++i) {
            const std::string column = panel.queries.size() == 1 ? "Value" : "Value #" + query_name(i);
            json.field(column, panel.queries[i].legend);
          }
        });
      });
    });
  });
}

}  // namespace

void write_panel(JsonTree& json, const Panel& panel, int id, const Place& place) {
  json.object([&] {
    json.field("id", id), json.field("type", type_of(panel.kind)), json.field("title", panel.title);
    json.field("description", panel.description);
    json.object("gridPos", [&] {
      json.field("x", place.x), json.field("y", place.y), json.field("w", place.width), json.field("h", place.height);
    });
    write_datasource(json);
    write_field_config(json, panel);
    write_options(json, panel);
    write_targets(json, panel);
    if (panel.kind == PanelKind::kTable)
      write_table(json, panel);
    json.array("links", [&] {
      if (!panel.runbook.empty())
        json.object([&] {
          json.field("title", "Runbook: " + panel.runbook), json.field("targetBlank", true);
          json.field("url", "${runbook:raw}#" + runbook_anchor(panel.runbook));
        });
    });
  });
}

}  // namespace penstock::monitoring
