#include "actors/regions/region.h"

#include <algorithm>
#include <map>

#include "actors/aggregators/history.h"
#include "actors/components.h"
#include "actors/make_context.h"
#include "actors/regions/reader_actor.h"
#include "actors/regions/stage_actor.h"

namespace penstock {
namespace {

using topology::PlannedEdge;
using topology::PlannedNode;
using topology::PlannedRegion;

StageActorConfig::Step make_step(Runtime* runtime, const std::string& id) {
  const topology::CheckedTopology& topology = runtime->plan.topology;
  const topology::Component& component = topology.find(id)->component;
  const auto& make = component_entry(component.role, component.type).make;
  const auto context = [=, &topology] { return make_context(topology, id, runtime->clock); };
  StageActorConfig::Step step;
  step.id = id;
  step.origin = {id, "stage", component.type};
  step.memory = component.has("memory") ? component.bytes("memory").count : 0;
  if (std::holds_alternative<MakeModel>(make)) {
    step.origin.kind = "aggregator";
    step.make_aggregator = [=] { return make_history(context()); };
  } else if (const auto* aggregator = std::get_if<MakeAggregator>(&make)) {
    step.origin.kind = "aggregator";
    step.make_aggregator = [=] { return (*aggregator)(context()); };
  } else if (const auto* stage = std::get_if<MakeStage>(&make)) {
    step.make = [=] { return (*stage)(context()); };
  } else {
    step.make = [=]() -> Result<StagePtr> {
      return internal_error("component \"" + id + "\" of type " + component.type + " was planned as a stage");
    };
  }
  return step;
}

// The wiring of one region: who is whose input, by number.
class Wiring {
 public:
  explicit Wiring(const PlannedRegion& region) : region_(region) {
    for (const PlannedNode& node : region.nodes)
      workers_[node.id] = node.workers;
    for (size_t e = 0; e < region.edges.size(); ++e) {
      const PlannedEdge& edge = region.edges[e];
      std::vector<uint32_t>& inputs = inputs_[edge.to];
      first_input_.push_back(static_cast<uint32_t>(inputs.size()));
      inputs.insert(inputs.end(), is_from_log(edge) ? 1 : workers_.at(edge.from), edge.input);  // the reader is one
    }
  }
  // By sender to each worker of the node: the input that it belongs to.
  const std::vector<uint32_t>& inputs(const std::string& node) const { return inputs_.at(node); }

  struct Workers {
    std::vector<caf::actor> actors;
    std::vector<PulsePtr> pulses;
  };
  using Actors = std::map<std::string, Workers>;  // by node
  // The edges that leave a node, as its worker number `worker` sees them.
  std::vector<OutEdge> edges_of_node(const std::string& node, uint32_t worker, const Actors& actors) const {
    return out_edges(node, false, worker, actors);
  }
  // The edges on which the reader sends what it reads from a log. A region may read a log that one of its own nodes fills,
  // and that has the node's name: a buffer, where rows also come round it.
  std::vector<OutEdge> edges_of_log(const std::string& log, const Actors& actors) const {
    return out_edges(log, true, 0, actors);
  }

 private:
  // Rows of what has a log to be read by regions never come in memory.
  bool is_from_log(const PlannedEdge& edge) const {
    return std::find(region_.reads.begin(), region_.reads.end(), edge.from) != region_.reads.end();
  }

  std::vector<OutEdge> out_edges(const std::string& from, bool from_log, uint32_t worker, const Actors& actors) const {
    std::vector<OutEdge> out;
    for (size_t e = 0; e < region_.edges.size(); ++e) {
      const PlannedEdge& edge = region_.edges[e];
      if (edge.from != from || is_from_log(edge) != from_log)
        continue;
      const auto& targets = actors.at(edge.to);
      OutEdge sent{from_log ? from : "",
                   edge.output,
                   Router(edge.routing, *edge.schema, static_cast<uint32_t>(targets.actors.size())),
                   first_input_[e] + worker,
                   targets.actors,
                   targets.pulses,
                   {}};
      if (!edge.event_time.empty())
        sent.clock.emplace(*edge.schema->index_of(edge.event_time));
      out.push_back(std::move(sent));
    }
    return out;
  }

  const PlannedRegion& region_;
  std::map<std::string, uint32_t> workers_;
  std::map<std::string, std::vector<uint32_t>> inputs_;
  std::vector<uint32_t> first_input_;  // by edge
};

SchemaPtr schema_of_log(const topology::Plan& plan, const std::string& log) {
  for (const topology::PlannedLog& planned : plan.logs)
    if (planned.name == log)
      return planned.schema;
  return nullptr;
}

std::string worker_name(const PlannedNode& node, uint32_t worker) {
  return node.workers == 1 ? node.id : node.id + "/" + std::to_string(worker);
}

bool is_timed(const Runtime& runtime, const PlannedRegion& region) {
  for (const PlannedNode& node : region.nodes)
    for (const std::string& stage : node.stages)
      if (runtime.plan.topology.find(stage)->binding.timed)
        return true;
  return false;
}

std::vector<caf::actor> start_region(caf::event_based_actor* supervisor, Runtime* runtime, const PlannedRegion& region,
                                     const LastFailure& last_failure) {
  const Wiring wiring(region);
  const auto me = caf::actor_cast<caf::actor>(supervisor);
  const auto reader = std::make_shared<caf::actor>();
  const auto progress = std::make_shared<RegionProgress>();
  Wiring::Actors actors;
  std::vector<caf::actor> group(1);
  for (auto node = region.nodes.rbegin(); node != region.nodes.rend(); ++node) {
    for (uint32_t worker = 0; worker < node->workers; ++worker) {
      StageActorConfig config;
      config.runtime = runtime;
      config.supervisor = me;
      config.reader = [reader] { return *reader; };
      config.progress = progress;
      config.worker = worker;
      config.workers = node->workers;
      config.input_of = wiring.inputs(node->id);
      config.inputs = static_cast<uint32_t>(config.input_of.size());
      config.logs = region.reads;
      for (const std::string& stage : node->stages)
        config.steps.push_back(make_step(runtime, stage));
      config.writes = node->log;
      config.pulse = runtime->pulses.add(
          region_status_id(region.name), worker_name(*node, worker),
          config.steps.empty() ? monitoring::Origin{node->log, "log", "log"} : config.steps.back().origin);
      config.edges = wiring.edges_of_node(node->id, worker, actors);
      Wiring::Workers& workers = actors[node->id];
      workers.pulses.push_back(config.pulse);
      workers.actors.push_back(supervisor->spawn(stage_actor, std::move(config)));
      group.push_back(workers.actors.back());
    }
  }
  ReaderConfig config{
      runtime, me, region.name, {}, {}, group.size() - 1, progress, last_failure, is_timed(*runtime, region)};
  for (const std::string& log : region.reads) {
    config.inputs.push_back({log, schema_of_log(runtime->plan, log)});
    for (OutEdge& edge : wiring.edges_of_log(log, actors))
      config.edges.push_back(std::move(edge));
  }
  *reader = supervisor->spawn(reader_actor, std::move(config));
  group.front() = *reader;
  return group;
}

}  // namespace

Supervised supervised_region(Runtime* runtime, const PlannedRegion& region) {
  Supervised supervised;
  supervised.origin = {region.name, "region", "region"};
  supervised.components = {region_status_id(region.name)};
  for (const PlannedNode& node : region.nodes)
    for (const std::string& stage : node.stages)
      supervised.components.push_back(stage);
  supervised.strategy = Strategy::kOneForAll;
  supervised.workers = {"reader"};
  for (auto node = region.nodes.rbegin(); node != region.nodes.rend(); ++node)  // as start_region spawns them
    for (uint32_t worker = 0; worker < node->workers; ++worker)
      supervised.workers.push_back(worker_name(*node, worker));
  supervised.start = [=](caf::event_based_actor* supervisor, const LastFailure& last_failure) {
    return start_region(supervisor, runtime, region, last_failure);
  };
  return supervised;
}

}  // namespace penstock
