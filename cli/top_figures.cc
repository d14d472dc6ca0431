#include "cli/top_figures.h"

#include <simdjson.h>

#include <algorithm>
#include <set>

#include "cli/answer_json.h"

namespace penstock::cli {
namespace {

namespace dom = simdjson::dom;

constexpr double kBusy = 0.5;       // from here on it may be a bottleneck
constexpr double kHeldBack = 0.05;  // share of a reader's time
constexpr const char* kTime = "penstock_component_time_seconds_total";

using Labels = std::map<std::string, std::string>;

class Figures {
 public:
  Figures(const NodeLook& before, const NodeLook& now)
      : before_(before), now_(now), seconds_(std::max(1e-3, now.seconds - before.seconds)) {}

  Result<TopFigures> make() {
    dom::parser parser;
    dom::element root;
    dom::array components;
    if (parser.parse(now_.status).get(root) != simdjson::SUCCESS ||
        root["components"].get(components) != simdjson::SUCCESS)
      return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
    out_.topology = text(root["topology"]);
    out_.uptime_seconds = number(root["uptime_seconds"]);
    out_.ready = flag(root["ready"]);
    out_.healthy = flag(root["healthy"]);
    out_.memory_bytes = now_.metrics.sum("penstock_memory_used_bytes");
    out_.memory_budget = now_.metrics.sum("penstock_memory_budget_bytes");
    out_.store_bytes = now_.metrics.sum("penstock_lmdb_used_bytes");
    out_.store_budget = now_.metrics.sum("penstock_lmdb_map_bytes");
    out_.requests = rate("penstock_serve_requests_total", {});
    out_.dead_letters = now_.metrics.sum("penstock_component_discarded_events_total");
    for (const dom::element component : components)
      add(component);
    mark_bottleneck();
    return std::move(out_);
  }

 private:
  double rate(const char* metric, const Labels& labels) const {
    return std::max(0.0, now_.metrics.sum(metric, labels) - before_.metrics.sum(metric, labels)) / seconds_;
  }

  // What metrics call it: an aggregator, where it is a stage with keyed state. Only a region shares its id with another.
  std::string kind_of(const std::string& id, const std::string& role) const {
    if (role != "region")
      for (const MetricPoint& point : now_.metrics.points(kTime))
        if (point.label("component_id") == id && point.label("component_kind") != "region")
          return std::string(point.label("component_kind"));
    return role;
  }

  void add(const dom::element& component) {
    TopRow row;
    row.id = text(component["id"]);
    row.role = text(component["role"]);
    row.type = text(component["type"]);
    row.state = text(component["state"]);
    row.message = text(component["message"]);
    row.restarts = natural(component["restarts"]);
    // A region's own id begins with its kind, where metrics name it without.
    const std::string id = row.role == "region" && row.id.starts_with("region:") ? row.id.substr(7) : row.id;
    const Labels of{{"component_id", id}, {"component_kind", kind_of(id, row.role)}};
    row.rows_in = rate("penstock_component_received_events_total", of);
    row.rows_out = rate("penstock_component_sent_events_total", of);
    add_time(of, row);
    row.lag_rows = now_.metrics.sum("penstock_component_lag_events", of);
    row.lag_seconds = now_.metrics.largest("penstock_component_lag_seconds", of);
    row.queue_bytes = now_.metrics.sum("penstock_component_queue_bytes", of);
    row.state_bytes = now_.metrics.sum("penstock_state_bytes", of);
    row.dead_letters = now_.metrics.sum("penstock_component_discarded_events_total", of);
    for (const MetricPoint& age : now_.metrics.points("penstock_model_staleness_seconds"))
      if (age.label("component_id") == id)
        row.age_seconds = age.value;
    out_.rows.push_back(std::move(row));
  }

  void add_time(const Labels& of, TopRow& row) const {
    Labels labels = of;
    std::map<std::string, double> spent;
    double all = 0;
    for (const char* state : {"busy", "idle", "blocked"}) {
      labels["state"] = state;
      spent[state] = rate(kTime, labels);
      all += spent[state];
    }
    row.measured = all > 0;
    row.busy = all > 0 ? spent["busy"] / all : 0;
    row.blocked = all > 0 ? spent["blocked"] / all : 0;
  }

  // The stages of each region that does not keep up.
  std::set<std::string> behind() const {
    std::set<std::string> out;
    dom::parser parser;
    dom::element root;
    dom::array parts;
    if (parser.parse(now_.tree).get(root) != simdjson::SUCCESS || root["children"].get(parts) != simdjson::SUCCESS)
      return out;
    for (const dom::element part : parts) {
      const std::string id = text(part["id"]);
      const auto row = std::ranges::find(out_.rows, id, &TopRow::id);
      if (row == out_.rows.end() || (row->blocked < kHeldBack && row->lag_rows <= 0))
        continue;
      out.insert(id);
      for (const dom::element worker : dom::array(part["children"])) {
        const std::string name = text(worker["id"]);
        out.insert(name.substr(0, name.rfind('/')));
      }
    }
    return out;
  }

  void mark_bottleneck() {
    const std::set<std::string> candidates = behind();
    TopRow* most = nullptr;
    for (TopRow& row : out_.rows)
      if (candidates.contains(row.id) && row.busy >= kBusy && (most == nullptr || row.busy > most->busy))
        most = &row;
    if (most)
      most->bottleneck = true;
  }

  const NodeLook& before_;
  const NodeLook& now_;
  const double seconds_;
  TopFigures out_;
};

}  // namespace

Result<TopFigures> top_figures(const NodeLook& before, const NodeLook& now) { return Figures(before, now).make(); }

}  // namespace penstock::cli
