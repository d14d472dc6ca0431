// What a dashboard is, as plain data: rows of panels, each with what it asks Prometheus. The lists stand in overview.cc,
// dataflow.cc and so on, one dashboard a file; grafana_json.h makes Grafana's files of them, tests ask a real Prometheus
// every question. Values, no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace penstock::monitoring {

enum class PanelKind : uint8_t { kTimeseries, kStat, kTable, kBarGauge, kStateTimeline, kHeatmap };

enum class Unit : uint8_t {
  kNumber,
  kRecordsPerSecond,
  kRequestsPerSecond,
  kPerSecond,
  kBytes,
  kBytesPerSecond,
  kSeconds,
  kShare,  // 0 to 1, shown in per cent
};

enum class Colour : uint8_t { kGreen, kYellow, kOrange, kRed, kBlue, kGrey };

/// One question. `legend` names its series, with labels as {{component_id}}; in a table it heads the column.
struct Query {
  std::string expression;
  std::string legend;
  std::optional<Unit> unit = {};  // of a table's column, where it is not the panel's
};

/// From this value on, this colour; below the first: green.
struct Threshold {
  double from;
  Colour colour;
};

/// What a value is called, in a state timeline.
struct Meaning {
  double value;
  const char* text;
  Colour colour;
};

struct Panel {
  std::string title;
  std::string description;  // what it shows, and what to make of it
  PanelKind kind = PanelKind::kTimeseries;
  Unit unit = Unit::kNumber;
  std::vector<Query> queries;
  int width = 12;  // of 24
  int height = 8;
  std::vector<Threshold> thresholds = {};
  std::vector<Meaning> meanings = {};
  std::vector<std::string> labels = {};  // of a table: those that become columns, before those of the queries
  std::string sorted_by = {};            // of a table: the column whose largest values come first
  bool stacked = false;
  std::optional<double> maximum = {};  // of the axis
  std::string runbook = {};            // anchor in docs/runbook.md
  std::string empty = {};              // why there may be nothing to show; shown instead
};

struct PanelRow {
  std::string title;
  std::vector<Panel> panels;
};

/// What can be chosen at the top of a dashboard, as `$name`, beside data source, topology and instance.
struct Variable {
  std::string name;
  std::string title;
  std::string metric;  // whose values of the label are offered
  std::string label;
  std::string start = {};  // the value it begins with; empty: all of them
};

struct Dashboard {
  std::string uid;  // and the file's name
  std::string title;
  std::string question;  // that it answers
  std::vector<Variable> variables;
  std::vector<PanelRow> rows;
};

}  // namespace penstock::monitoring
