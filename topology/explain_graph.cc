#include <algorithm>

#include "topology/explain.h"
#include "topology/result_file.h"

namespace penstock::topology {
namespace {

// The drawing, told to whoever writes it down. Names of nodes are unique over the whole plan.
class Pen {
 public:
  enum class Shape { kEnd, kLog, kNode, kState };
  virtual ~Pen() = default;
  virtual void node(const std::string& name, const std::string& label, Shape shape, bool inside) = 0;
  virtual void begin_region(const std::string& name) = 0;
  virtual void end_region() = 0;
  virtual void edge(const std::string& from, const std::string& to, const std::string& label) = 0;
};

std::string end_name(const BoundComponent& bound) {
  return std::string(role_name(bound.component.role)) + " " + bound.component.id;
}

std::string label(const Plan& plan, const PlannedNode& node) {
  if (node.stages.empty())
    return "append";
  std::string out;
  for (const std::string& stage : node.stages) {
    const Component& component = plan.topology.find(stage)->component;
    const bool model = component.role == Role::kModel;
    out += (out.empty() ? "" : " ▸ ") + (model ? stage + ": interactions" : stage + ": " + component.type);
  }
  return out + (node.workers > 1 ? " ×" + std::to_string(node.workers) : "");
}

bool has_log(const Plan& plan, const std::string& name) {
  return std::any_of(plan.logs.begin(), plan.logs.end(), [&](const PlannedLog& log) { return log.name == name; });
}

void draw_ends(const Plan& plan, Pen& pen) {
  for (const BoundComponent& bound : plan.topology.components) {
    const Component& component = bound.component;
    if (component.role == Role::kStage)
      continue;
    pen.node(end_name(bound), component.id + ": " + component.type, Pen::Shape::kEnd, false);
    if (component.role == Role::kSource)
      pen.edge(end_name(bound), "log " + component.id, "");
    if (is_result_file(component) && !has_log(plan, component.inputs[0]))
      pen.edge("node " + component.inputs[0], end_name(bound), "job");
    else if (component.role == Role::kSink || component.role == Role::kModel)
      pen.edge("log " + component.inputs[0], end_name(bound), component.role == Role::kModel ? "training" : "");
    if (component.role == Role::kModel)
      for (const std::string& server : plan.servers)
        pen.edge(end_name(bound), "server " + server, "");
  }
}

void draw(const Plan& plan, Pen& pen) {
  for (const PlannedLog& log : plan.logs)
    pen.node("log " + log.name, log.name, Pen::Shape::kLog, false);
  for (const PlannedRegion& region : plan.regions) {
    pen.begin_region(region.name);
    for (const PlannedNode& node : region.nodes)
      pen.node("node " + node.id, label(plan, node), node.aggregator ? Pen::Shape::kState : Pen::Shape::kNode, true);
    pen.end_region();
    for (const PlannedEdge& edge : region.edges) {
      bool from_log = true;
      for (const PlannedNode& node : region.nodes)
        from_log = from_log && node.id != edge.from;
      pen.edge((from_log ? "log " : "node ") + edge.from, "node " + edge.to,
               edge.routing.kind == Routing::Kind::kForward ? "" : edge.routing.to_string());
    }
    for (const PlannedNode& node : region.nodes) {
      if (!node.log.empty())
        pen.edge("node " + node.id, "log " + node.log, "");
      if (node.aggregator && plan.topology.find(node.id)->component.role == Role::kModel)
        pen.edge("node " + node.id, "model " + node.id, "fold-in");
    }
  }
  draw_ends(plan, pen);
}

class Mermaid final : public Pen {
 public:
  void node(const std::string& name, const std::string& text, Shape shape, bool inside) override {
    const auto [open, close] = shape == Shape::kEnd     ? std::pair("([", "])")
                               : shape == Shape::kLog   ? std::pair("[(", ")]")
                               : shape == Shape::kState ? std::pair("[[", "]]")
                                                        : std::pair("[", "]");
    out += (inside ? "    " : "  ") + id(name) + open + "\"" + text + "\"" + close + "\n";
  }
  void begin_region(const std::string& name) override {
    out += "  subgraph " + id("region " + name) + "[\"region " + name + "\"]\n";
  }
  void end_region() override { out += "  end\n"; }
  void edge(const std::string& from, const std::string& to, const std::string& text) override {
    out += "  " + id(from) + " -->" + (text.empty() ? "" : "|\"" + text + "\"|") + " " + id(to) + "\n";
  }

  std::string out = "flowchart LR\n";

 private:
  // Mermaid allows letters, digits and _ only; the rest is spelt so that names stay distinct.
  static std::string id(const std::string& name) {
    std::string safe;
    for (const char c : name) {
      switch (c) {
        case ' ': safe += "_"; break;
        case '_': safe += "__"; break;
        case '-': safe += "_0"; break;
        case '.': safe += "_1"; break;
        case '>': safe += "_2"; break;
        default: safe += c;
      }
    }
    return safe;
  }
};

class Dot final : public Pen {
 public:
  void node(const std::string& name, const std::string& text, Shape shape, bool inside) override {
    const char* form = shape == Shape::kEnd     ? "oval"
                       : shape == Shape::kLog   ? "cylinder"
                       : shape == Shape::kState ? "box3d"
                                                : "box";
    out += (inside ? "    \"" : "  \"") + name + "\" [label=\"" + text + "\", shape=" + form + "];\n";
  }
  void begin_region(const std::string& name) override {
    out += "  subgraph \"cluster " + name + "\" {\n    label=\"region " + name + "\";\n";
  }
  void end_region() override { out += "  }\n"; }
  void edge(const std::string& from, const std::string& to, const std::string& text) override {
    out += "  \"" + from + "\" -> \"" + to + "\"" + (text.empty() ? "" : " [label=\"" + text + "\"]") + ";\n";
  }

  std::string out;
};

}  // namespace

std::string explain_mermaid(const Plan& plan) {
  Mermaid pen;
  draw(plan, pen);
  return pen.out;
}

std::string explain_dot(const Plan& plan) {
  Dot pen;
  pen.out = "digraph \"" + plan.topology.name + "\" {\n  rankdir=LR;\n";
  draw(plan, pen);
  return pen.out + "}\n";
}

}  // namespace penstock::topology
