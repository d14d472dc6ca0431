// What topology must know about a type of component in order to check and plan it. The types themselves live in actors/;
// actors/components.cc lists them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/schema.h"
#include "topology/component.h"
#include "topology/diagnostic.h"
#include "topology/expected.h"
#include "topology/property.h"

namespace penstock::topology {

/// What one input of a component delivers.
struct Input {
  std::string id;                // the component it comes from
  SchemaPtr schema;              // null if the input itself has errors: then nothing about columns can be checked
  bool is_view = false;          // it is a view (a reduce): its rows replace earlier ones with the same key
  std::vector<std::string> key;  // the view's key columns
};

/// How an edge routes rows to the workers of its target.
struct Routing {
  enum class Kind { kForward, kExchange };
  Kind kind = Kind::kForward;
  std::vector<std::string> columns;  // of an exchange; none: all rows go to worker 0
  bool operator==(const Routing&) const = default;
  std::string to_string() const;  // forward, exchange(user_id), exchange()
};

/// What a component is once its properties are checked against its inputs.
struct Binding {
  SchemaPtr output;               // null for a sink, model or server, or when there were errors
  Routing routing;                // of the edges that lead to it
  bool stateful = false;          // an aggregator: has keyed state and its own workers; cannot be fused
  bool is_view = false;           // its result can be read by key at /v1/views/{id}
  bool emits_records = false;     // a view whose readers get records of their own, not the changes of its rows
  std::vector<std::string> key;   // key columns of the view
  bool online = false;            // a model that learns inside its region: an aggregator, without trainer and versions
  std::vector<std::string> asks;  // of a recommender or experiment: the models and recommenders that answer for it
  // Where its inputs differ: by input, as declared. Empty: all as `routing`.
  std::vector<Routing> routings;
  // By input: the timestamp column whose progress it goes by (Aggregator::on_progress); empty, or fewer: it does not.
  std::vector<std::string> times;
  bool timed = false;  // something in it may fall due though no row comes (Aggregator::waits_for_time)
  std::map<std::string, SchemaPtr> outputs;  // beside the main one, by name: what readers of `id.name` get
  bool own_log = false;  // a buffer: its rows go to a log, and what reads it reads that log, in a region of its own
};

struct BoundComponent;

/// What `bind` may look at beside the component itself.
struct BindContext {
  const std::vector<Input>& inputs;
  const std::function<SchemaPtr(const std::string& name)>& schema;  // entry of `schemas`, or null
  const std::string& folder;                                        // of the topology file; paths are relative to it
  /// A component that was bound before this one, or null. Sources and stages come first, then sinks, models, recommenders,
  /// experiments and servers, so that each finds the views and models that it names.
  const std::function<const BoundComponent*(std::string_view id)>& component;
  Diagnostics& diagnostics;
};

struct ComponentType {
  Role role = Role::kStage;
  std::string name;     // the word after `type:`
  std::string summary;  // one sentence
  std::string example;  // YAML of one component, for the reference page; is run through the checker by a test
  size_t min_inputs = 1;
  size_t max_inputs = 1;
  std::vector<Property> properties;
  /// Properties that name further inputs, `group.member` for a member; min_inputs and max_inputs do not count them.
  std::vector<std::string> input_properties = {};
  /// Checks what the declarations alone cannot (expressions, columns, files) and says what the component produces.
  std::function<Binding(const Component&, const BindContext&)> bind;
  /// Checks what a component may do only because of, or besides, others of the topology. Called after all were bound.
  std::function<void(const Component&, const std::vector<const Component*>& all, Diagnostics&)> check_among = {};
  /// Names of the outputs beside the main one, which others read as `id.name`; none if it has none.
  std::function<std::vector<std::string>(const Component&)> outputs = {};
  /// Stands in the plan only; nobody can declare it.
  bool internal = false;
  /// What a component holds that has passed `bind`; none where it holds nothing worth naming.
  Expect expect = {};
};

/// All types there are. A plain list; built by actors/components.cc and handed to the checker.
class Catalogue {
 public:
  explicit Catalogue(std::vector<ComponentType> types) : types_(std::move(types)) {}
  const ComponentType* find(Role role, std::string_view name) const;
  /// Of those that can be declared.
  std::vector<std::string> names(Role role) const;
  const std::vector<ComponentType>& types() const { return types_; }

 private:
  std::vector<ComponentType> types_;
};

}  // namespace penstock::topology
