// The physical plan: which actors run, how rows reach them, what one transaction covers. Pure data, made from a checked
// topology; `explain.h` shows it, actors/ runs it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/units.h"
#include "messages/schema.h"
#include "topology/component.h"
#include "topology/component_type.h"

namespace penstock::topology {

/// A component that passed every check, with what it was bound to.
struct BoundComponent {
  Component component;
  Binding binding;
};

/// A whole topology without mistakes. Components are in flow order (inputs before their consumers); `query` stages have
/// been replaced by the stages they stand for.
struct CheckedTopology {
  std::string name;
  std::string file;
  std::string folder;  // of the file; relative paths start here
  std::map<std::string, SchemaPtr> schemas;
  std::vector<BoundComponent> components;
  std::map<std::string, PropertyValue, std::less<>> settings;  // the file's `settings:`; see config/settings.h

  std::shared_ptr<const Node> tests;  // the file's `tests:`, or null

  const BoundComponent* find(std::string_view id) const;
};

/// A log as the store has to have it: one for each source and buffer, and one for each stage that a sink or model reads.
struct PlannedLog {
  std::string name;  // the id of the component that fills it
  SchemaPtr schema;
  uint32_t partitions = 1;
  std::optional<Duration> retain_for = {};  // none: for ever
  std::optional<Bytes> retain_bytes = {};   // of each partition; none: all
};

/// One actor (times `workers`): a chain of fused stateless stages, one aggregator, or a log writer at the region's end.
struct PlannedNode {
  std::string id;                   // of its last stage; a log writer: the log's name with `>log`
  std::vector<std::string> stages;  // component ids, in order; empty for a log writer
  bool aggregator = false;
  std::string log;  // the log it writes; empty if it writes none
  uint32_t workers = 1;
  SchemaPtr output;
};

struct PlannedEdge {
  std::string from;  // node id, or the log name that the region reads
  std::string to;    // node id
  Routing routing;
  SchemaPtr schema;
  uint32_t input = 0;      // of the target: which of its inputs, as declared
  std::string output;      // of the sender; empty: the main one
  std::string event_time;  // the column whose progress the target goes by; empty: none
};

/// The unit of failure and of commit: what hangs together by in-memory edges.
struct PlannedRegion {
  std::string name;                // of its first component
  std::vector<std::string> reads;  // logs
  std::vector<PlannedNode> nodes;  // in flow order
  std::vector<PlannedEdge> edges;
  Bytes in_flight;  // input bytes that may be uncommitted
};

struct Plan {
  CheckedTopology topology;
  std::vector<PlannedLog> logs;
  std::vector<std::string> sources;  // component ids; each fills the log of its name
  std::vector<PlannedRegion> regions;
  std::vector<std::string> sinks;   // component ids; each reads the log named after its input
  std::vector<std::string> models;  // component ids; each reads the log named after its input; without online ones
  std::vector<std::string> servers;
  std::vector<std::string> jobs;
  Bytes memory;  // the node's budget; 0: not declared
};

/// Requires: the topology came out of check(). A chain of stateless stages with one reader each becomes one node; keyed
/// stages get an exchange; every model gets a node that keeps the interactions of its users. See docs/architecture.md.
Plan make_plan(CheckedTopology topology);

}  // namespace penstock::topology
