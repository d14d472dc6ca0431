#include "topology/plan.h"

#include <algorithm>
#include <set>

#include "topology/outputs.h"
#include "topology/result_file.h"

namespace penstock::topology {
namespace {

class Planner {
 public:
  explicit Planner(CheckedTopology topology) { plan_.topology = std::move(topology); }

  Plan run() {
    find_readers();
    for (const BoundComponent& bound : plan_.topology.components)
      take(bound);
    make_regions();
    plan_.memory = setting("memory_budget");
    return std::move(plan_);
  }

 private:
  struct Draft {
    PlannedNode node;
    std::vector<Routing> routings;    // of the edges to it, by input
    std::vector<std::string> times;   // by input; see Binding
    std::vector<std::string> inputs;  // components
  };

  const Component& component(const std::string& id) const { return plan_.topology.find(id)->component; }
  // Whether its rows reach stages in memory; else they read its log.
  bool in_memory(const std::string& id) const {
    const BoundComponent& bound = *plan_.topology.find(id);
    return bound.component.role == Role::kStage && !bound.binding.own_log;
  }

  Bytes setting(std::string_view name) const {
    const auto found = plan_.topology.settings.find(name);
    return found == plan_.topology.settings.end() ? Bytes{} : std::get<Bytes>(found->second.value);
  }

  static uint32_t count(const Component& component, std::string_view property) {
    return component.has(property) ? static_cast<uint32_t>(component.integer(property)) : 1;
  }

  bool reads_view(const BoundComponent& bound, const std::string& input) const {
    const Binding& from = plan_.topology.find(input)->binding;
    return is_result_file(bound.component) && from.is_view && !from.emits_records;
  }

  // How many read a component's rows in memory, and whose rows go to a log. Sinks and trainers read logs; so a stage they
  // read writes one, and its log writer is one more reader.
  void find_readers() {
    for (const BoundComponent& bound : plan_.topology.components) {
      const Role role = bound.component.role;
      for (const std::string& input : bound.component.inputs) {
        if (role == Role::kStage || role == Role::kModel || role == Role::kExperiment)
          ++readers_[input];
        const bool reads_log = (role == Role::kSink && !reads_view(bound, input)) || role == Role::kModel;
        if (reads_log && in_memory(input) && logged_.insert(input).second)
          ++readers_[input];
      }
    }
  }

  void take(const BoundComponent& bound) {
    const Component& component = bound.component;
    switch (component.role) {
      case Role::kSource:
        plan_.sources.push_back(component.id);
        plan_.logs.push_back(log_of(bound));
        return;
      case Role::kStage: add_stage(bound); return;
      case Role::kModel:
        if (!bound.binding.online)
          plan_.models.push_back(component.id);
        add_node(bound, true);
        return;
      case Role::kSink:
        if (!is_result_file(component))
          plan_.sinks.push_back(component.id);
        return;
      case Role::kRecommender: return;
      case Role::kExperiment: add_node(bound, true); return;
      case Role::kServer: plan_.servers.push_back(component.id); return;
      case Role::kJob: plan_.jobs.push_back(component.id); return;
    }
  }

  static PlannedLog log_of(const BoundComponent& bound) {
    const Component& component = bound.component;
    PlannedLog log{component.id, bound.binding.output, count(component, "partitions")};
    if (component.has("retain_for"))
      log.retain_for = component.duration("retain_for");
    if (component.has("retain_bytes"))
      log.retain_bytes = component.bytes("retain_bytes");
    return log;
  }

  void add_stage(const BoundComponent& bound) {
    if (can_fuse(bound)) {
      const size_t number = node_of_[bound.component.inputs[0]];
      PlannedNode& node = nodes_[number].node;
      node.stages.push_back(bound.component.id);
      node.id = bound.component.id;
      node.output = bound.binding.output;
      node_of_[bound.component.id] = number;
    } else {
      add_node(bound, bound.binding.stateful);
    }
    if (bound.binding.own_log) {  // appends itself, without a log writer behind it
      nodes_[node_of_[bound.component.id]].node.log = bound.component.id;
      plan_.logs.push_back(log_of(bound));
    } else if (logged_.contains(bound.component.id)) {
      add_log(bound);
    }
  }

  // Into the node of its input: both are stateless, nobody else reads the input, and both have as many workers.
  bool can_fuse(const BoundComponent& bound) const {
    const Component& stage = bound.component;
    if (bound.binding.stateful || stage.type == kOutputType || bound.binding.routing.kind != Routing::Kind::kForward ||
        stage.inputs.size() != 1)
      return false;
    const std::string& input = stage.inputs[0];
    if (!in_memory(input) || readers_.at(input) != 1)
      return false;
    const PlannedNode& node = nodes_[node_of_.at(input)].node;
    return !node.aggregator && (!stage.has("workers") || count(stage, "workers") == node.workers);
  }

  void add_node(const BoundComponent& bound, bool aggregator) {
    Draft draft;
    draft.node.id = bound.component.id;
    draft.node.stages = {bound.component.id};
    draft.node.aggregator = aggregator;
    draft.node.workers = count(bound.component, "workers");
    draft.node.output = bound.binding.output;
    draft.inputs = bound.component.inputs;
    draft.routings = bound.binding.routings;
    draft.routings.resize(draft.inputs.size(), routing(bound));
    draft.times = bound.binding.times;
    draft.times.resize(draft.inputs.size());
    node_of_[bound.component.id] = nodes_.size();
    nodes_.push_back(std::move(draft));
  }

  // A model's rows go to the worker that holds the user, whatever else its type says.
  static Routing routing(const BoundComponent& bound) {
    const Component& component = bound.component;
    if (component.role == Role::kModel && bound.binding.routing.kind == Routing::Kind::kForward &&
        component.has("user"))
      return {Routing::Kind::kExchange, {component.text("user")}};
    return bound.binding.routing;
  }

  void add_log(const BoundComponent& bound) {
    plan_.logs.push_back({bound.component.id, bound.binding.output, 1});
    Draft draft;
    draft.node.id = bound.component.id + ">log";
    draft.node.log = bound.component.id;
    draft.node.output = bound.binding.output;
    draft.inputs = {bound.component.id};
    draft.routings.resize(1);
    draft.times.resize(1);
    nodes_.push_back(std::move(draft));
  }

  // Regions are what hangs together by edges in memory: every node starts with the region of an input that is a node.
  void make_regions() {
    std::vector<size_t> group(nodes_.size());
    for (size_t i = 0; i < nodes_.size(); ++i) {
      group[i] = i;
      for (const std::string& input : nodes_[i].inputs)
        if (in_memory(input))
          join(group, i, node_of_.at(input));
    }
    std::map<size_t, size_t> region_of;
    for (size_t i = 0; i < nodes_.size(); ++i) {
      const auto [entry, fresh] = region_of.emplace(group[i], plan_.regions.size());
      if (fresh) {
        plan_.regions.emplace_back();
        plan_.regions.back().name = nodes_[i].node.stages.front();
        plan_.regions.back().in_flight = setting("in_flight_bytes");
      }
      add_to_region(plan_.regions[entry->second], nodes_[i]);
    }
  }

  static void join(std::vector<size_t>& group, size_t a, size_t b) {
    const size_t from = std::max(group[a], group[b]);
    const size_t to = std::min(group[a], group[b]);
    std::replace(group.begin(), group.end(), from, to);
  }

  void add_to_region(PlannedRegion& region, const Draft& draft) {
    for (uint32_t number = 0; number < draft.inputs.size(); ++number) {
      const std::string& input = draft.inputs[number];
      const BoundComponent& from = *plan_.topology.find(input);
      const bool memory = in_memory(input);
      if (!memory && std::find(region.reads.begin(), region.reads.end(), input) == region.reads.end())
        region.reads.push_back(input);
      region.edges.push_back({memory ? nodes_[node_of_.at(input)].node.id : input, draft.node.id,
                              draft.routings[number], schema_read_by(draft, from), number, output_read_by(draft),
                              draft.times[number]});
    }
    region.nodes.push_back(draft.node);
  }

  SchemaPtr schema_read_by(const Draft& draft, const BoundComponent& from) const {
    const auto output = from.binding.outputs.find(output_read_by(draft));
    return output == from.binding.outputs.end() ? from.binding.output : output->second;
  }

  // An output's own stage is the one reader of that output of its component.
  std::string output_read_by(const Draft& draft) const {
    if (draft.node.stages.empty() || component(draft.node.stages.front()).type != kOutputType)
      return {};
    return output_of(draft.node.stages.front());
  }

  Plan plan_;
  std::map<std::string, size_t> readers_;
  std::set<std::string> logged_;  // stages whose rows go to a log
  std::vector<Draft> nodes_;
  std::map<std::string, size_t> node_of_;  // by stage
};

}  // namespace

const BoundComponent* CheckedTopology::find(std::string_view id) const {
  for (const BoundComponent& bound : components)
    if (bound.component.id == id)
      return &bound;
  return nullptr;
}

Plan make_plan(CheckedTopology topology) { return Planner(std::move(topology)).run(); }

}  // namespace penstock::topology
