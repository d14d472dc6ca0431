#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "topology/explain.h"

namespace penstock::topology {
namespace {

class Json {
 public:
  explicit Json(const Plan& plan) : plan_(plan), writer_(buffer_) { writer_.SetIndent(' ', 2); }

  std::string run() {
    writer_.StartObject();
    text("topology", plan_.topology.name);
    number("memory_bytes", plan_.memory.count);
    list("logs", plan_.logs, [this](const PlannedLog& log) { write(log); });
    list("regions", plan_.regions, [this](const PlannedRegion& region) { write(region); });
    ends("sources", plan_.sources);
    ends("sinks", plan_.sinks);
    ends("models", plan_.models);
    askers();
    ends("servers", plan_.servers);
    ends("jobs", plan_.jobs);
    writer_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

 private:
  void key(const char* name) { writer_.Key(name); }
  void string(const std::string& value) {
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void text(const char* name, const std::string& value) {
    key(name);
    string(value);
  }
  void number(const char* name, uint64_t value) {
    key(name);
    writer_.Uint64(value);
  }
  void flag(const char* name, bool value) {
    key(name);
    writer_.Bool(value);
  }
  template <class T, class Write>
  void list(const char* name, const std::vector<T>& values, const Write& write_one) {
    key(name);
    writer_.StartArray();
    for (const T& value : values)
      write_one(value);
    writer_.EndArray();
  }
  void texts(const char* name, const std::vector<std::string>& values) {
    list(name, values, [this](const std::string& value) { string(value); });
  }

  void schema(const char* name, const SchemaPtr& schema) {
    if (schema == nullptr)
      return;
    list(name, schema->fields(), [this](const Field& field) {
      writer_.StartObject();
      text("name", field.name);
      text("type", std::string(type_name(field.type)));
      flag("required", field.required);
      writer_.EndObject();
    });
  }

  void write(const PlannedLog& log) {
    writer_.StartObject();
    text("name", log.name);
    number("partitions", log.partitions);
    if (log.retain_for)
      number("retain_for_ms", static_cast<uint64_t>(log.retain_for->millis()));
    if (log.retain_bytes)
      number("retain_bytes", log.retain_bytes->count);
    schema("columns", log.schema);
    writer_.EndObject();
  }

  void write(const PlannedRegion& region) {
    writer_.StartObject();
    text("name", region.name);
    texts("reads", region.reads);
    number("in_flight_bytes", region.in_flight.count);
    list("nodes", region.nodes, [this](const PlannedNode& node) { write(node); });
    list("edges", region.edges, [this](const PlannedEdge& edge) {
      writer_.StartObject();
      text("from", edge.from);
      text("to", edge.to);
      text("routing", edge.routing.to_string());
      schema("columns", edge.schema);
      writer_.EndObject();
    });
    writer_.EndObject();
  }

  void write(const PlannedNode& node) {
    writer_.StartObject();
    text("id", node.id);
    texts("stages", node.stages);
    flag("aggregator", node.aggregator);
    if (!node.log.empty())
      text("log", node.log);
    number("workers", node.workers);
    if (!node.stages.empty() && plan_.topology.find(node.stages.back())->binding.is_view)
      texts("view_key", plan_.topology.find(node.stages.back())->binding.key);
    schema("columns", node.output);
    writer_.EndObject();
  }

  void ends(const char* name, const std::vector<std::string>& ids) {
    list(name, ids, [this](const std::string& id) {
      const Component& component = plan_.topology.find(id)->component;
      writer_.StartObject();
      text("id", id);
      text("type", component.type);
      if (!component.inputs.empty())
        text("log", component.inputs[0]);
      writer_.EndObject();
    });
  }

  // Recommenders and experiments.
  void askers() {
    for (const Role role : {Role::kRecommender, Role::kExperiment}) {
      key(role == Role::kRecommender ? "recommenders" : "experiments");
      writer_.StartArray();
      for (const BoundComponent& bound : plan_.topology.components) {
        if (bound.component.role != role)
          continue;
        writer_.StartObject();
        text("id", bound.component.id);
        text("type", bound.component.type);
        texts("asks", bound.binding.asks);
        writer_.EndObject();
      }
      writer_.EndArray();
    }
  }

  const Plan& plan_;
  rapidjson::StringBuffer buffer_;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer_;
};

}  // namespace

std::string explain_json(const Plan& plan) { return Json(plan).run(); }

}  // namespace penstock::topology
