#include <algorithm>
#include <set>

#include "actors/batch/view_flow.h"
#include "actors/components.h"
#include "actors/make_context.h"
#include "actors/supervision/unknown_name.h"
#include "messages/key.h"

namespace penstock {
namespace {

using topology::PlannedEdge;
using topology::PlannedNode;
using topology::PlannedRegion;
using topology::PropertyValue;

void describe(const PropertyValue& value, std::string& out) {
  struct Visitor {
    std::string& out;
    void operator()(std::monostate) const { out += "-"; }
    void operator()(const std::string& text) const { out += std::to_string(text.size()) + ":" + text; }
    void operator()(bool flag) const { out += flag ? "T" : "F"; }
    void operator()(int64_t number) const { out += "i" + std::to_string(number); }
    void operator()(double number) const { out += "d" + std::to_string(number); }
    void operator()(Duration duration) const { out += "u" + std::to_string(duration.micros); }
    void operator()(Bytes bytes) const { out += "b" + std::to_string(bytes.count); }
    void operator()(const topology::PropertyList& list) const {
      out += "[";
      for (const PropertyValue& element : list)
        describe(element, out);
      out += "]";
    }
    void operator()(const topology::PropertyMap& map) const {
      out += "{";
      for (const auto& [key, element] : map) {
        out += std::to_string(key.size()) + ":" + key;
        describe(element, out);
      }
      out += "}";
    }
  };
  std::visit(Visitor{out}, value.value);
}

void describe(const topology::BoundComponent& bound, std::string& out) {
  out += bound.component.id + "\n" + bound.component.type + "\n";
  for (const std::string& input : bound.component.inputs)
    out += input + "\n";
  for (const auto& [name, value] : bound.component.properties)
    if (name != "workers" && name != "memory") {
      out += name + "=";
      describe(value, out);
      out += "\n";
    }
}

// Collects what leads to the view, from the end.
class Walk {
 public:
  Walk(const topology::Plan& plan, const PlannedRegion& region, ViewPlan& out)
      : plan_(plan), region_(region), out_(out) {}

  Status to(const std::string& id) {
    for (const PlannedEdge& edge : region_.edges) {
      if (edge.to != id)
        continue;
      const bool from_log = std::find(region_.reads.begin(), region_.reads.end(), edge.from) != region_.reads.end();
      out_.edges.push_back({edge.from, from_log, edge.output, edge.to, edge.input});
      PENSTOCK_TRY(from_log ? log(edge.from) : node(edge.from));
    }
    return ok();
  }

 private:
  Status log(const std::string& name) {
    if (!seen_.insert("log " + name).second)
      return ok();
    for (const topology::PlannedLog& planned : plan_.logs)
      if (planned.name == name) {
        if (planned.retain_for || planned.retain_bytes)
          return failed_precondition("the view \"" + out_.view + "\" cannot be recomputed: the log \"" + name +
                                     "\" keeps its records for a time only, so history is not all there (leave out "
                                     "retain_for and retain_bytes)");
        out_.logs.push_back({name, planned.schema});
      }
    return ok();
  }
  Status node(const std::string& id) {
    if (!seen_.insert(id).second)
      return ok();
    for (const PlannedNode& planned : region_.nodes) {
      if (planned.id != id)
        continue;
      if (planned.aggregator)
        return failed_precondition(
            "the view \"" + out_.view + "\" cannot be recomputed: its rows come from \"" + id +
            "\", which has a state of its own (put a buffer between them: its log is history, too)");
      out_.nodes.push_back(planned);
      return to(id);
    }
    return internal_error("the plan has no node " + id);
  }

  const topology::Plan& plan_;
  const PlannedRegion& region_;
  ViewPlan& out_;
  std::set<std::string> seen_;
};

}  // namespace

Result<ViewPlan> plan_view(const topology::Plan& plan, const std::string& view) {
  std::vector<std::string> views;
  for (const topology::BoundComponent& bound : plan.topology.components)
    if (bound.binding.is_view)
      views.push_back(bound.component.id);
  const topology::BoundComponent* bound = plan.topology.find(view);
  if (!bound || !bound->binding.is_view) {
    return not_found(unknown_name("view", view, views));
  }
  const auto* make = std::get_if<MakeAggregator>(&component_entry(bound->component.role, bound->component.type).make);
  if (!make)
    return failed_precondition("a view of type " + bound->component.type + " cannot be recomputed; a reduce can");
  PENSTOCK_ASSIGN(const auto aggregator, (*make)(make_context(plan.topology, view, Clock::system())));
  if (!dynamic_cast<Recomputed*>(aggregator.get()))
    return failed_precondition("the view \"" + view + "\" is a " + bound->component.type +
                               ", which cannot be recomputed; a reduce can");
  ViewPlan out;
  out.plan = &plan;
  out.view = view;
  for (const PlannedRegion& region : plan.regions)
    for (const PlannedNode& node : region.nodes)
      if (node.id == view && node.aggregator) {
        out.region = region.name;
        PENSTOCK_TRY(Walk(plan, region, out).to(view));
      }
  if (out.logs.empty())
    return internal_error("no log leads to the view " + view);
  std::string text;
  describe(*bound, text);
  for (const PlannedNode& node : out.nodes)
    for (const std::string& stage : node.stages)
      describe(*plan.topology.find(stage), text);
  for (const ViewPlan::Log& log : out.logs)
    for (const Field& field : log.schema->fields())
      text += log.name + "." + field.name + ":" + std::to_string(static_cast<int>(field.type)) + "\n";
  out.definition = hash_key(text);
  return out;
}

}  // namespace penstock
