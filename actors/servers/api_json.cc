#include "actors/servers/api_json.h"

namespace penstock {
namespace {

void write_progress(JsonWriter& json, double progress) {
  json.key("progress");
  progress >= 0 ? json.value(progress) : json.null();
}

void write_component(JsonWriter& json, const ComponentStatus& component) {
  json.begin_object();
  json.field("id", component.id);
  json.field("role", component.role);
  json.field("type", component.type);
  json.field("state", component.state);
  json.field("message", component.message);
  json.field("records", component.records);
  json.field("restarts", component.restarts);
  write_progress(json, component.progress);
  json.end_object();
}

void write_memory(JsonWriter& json, const MemoryStatus& memory) {
  json.key("memory").begin_object();
  json.field("used_bytes", memory.used_bytes);
  json.field("budget_bytes", memory.budget_bytes);
  json.field("exceeded", memory.exceeded);
  json.field("resident_bytes", memory.resident_bytes);
  json.field("anonymous_bytes", memory.anonymous_bytes);
  json.key("parts").begin_object();
  for (const auto& [part, bytes] : memory.parts)
    json.field(part, bytes);
  json.end_object();
  json.end_object();
}

}  // namespace

void write_version(JsonWriter& json, const ModelVersion& version) {
  json.begin_object();
  json.field("version", version.version);
  json.field("type", version.type);
  json.field("trained", version.trained);
  json.field("seconds", version.seconds);
  json.field("seed", version.seed);
  json.field("users", version.users);
  json.field("items", version.items);
  json.field("interactions", version.interactions);
  json.field("first_event", version.first_event);
  json.field("last_event", version.last_event);
  json.key("parameters").begin_object();
  for (const auto& [name, value] : version.parameters)
    json.field(name, value);
  json.end_object();
  json.key("read_to").begin_object();
  for (const auto& [log, offset] : version.read_to)
    json.field(log, offset);
  json.end_object();
  json.key("metrics").begin_object();
  for (const auto& [name, value] : version.metrics)
    json.field(name, value);
  json.end_object();
  json.field("state", model_state_name(version.state));
  json.field("reason", version.reason);
  json.field("since", version.since);
  json.key("served");
  version.served ? (void)json.value(*version.served) : (void)json.null();
  json.key("parent");
  version.parent > 0 ? (void)json.value(version.parent) : (void)json.null();
  json.field("pinned", version.pinned);
  json.end_object();
}

static void write_live_quality(JsonWriter& json, const ModelStatus& model) {
  json.key("live_quality").begin_array();
  for (const LiveFigures& figures : model.live_quality) {
    json.begin_object();
    json.field("version", figures.version);
    json.field("segment", figures.segment);
    json.field("events", figures.events);
    json.key("metrics").begin_object();
    for (const auto& [name, value] : figures.metrics)
      json.field(name, value);
    json.end_object();
    json.end_object();
  }
  json.end_array();
  json.key("drift").begin_array();
  for (const DriftFigures& figures : model.drift) {
    json.begin_object();
    json.field("column", figures.column);
    json.field("values", figures.values);
    json.field("psi", figures.psi);
    json.field("jensen_shannon", figures.jensen_shannon);
    json.end_object();
  }
  json.end_array();
}

void write_model(JsonWriter& json, const ModelStatus& model, bool with_versions) {
  json.begin_object();
  json.field("name", model.id);
  json.field("type", model.type);
  json.field("state", model.state);
  json.field("message", model.message);
  write_progress(json, model.progress);
  json.key("eta_seconds");
  model.eta_seconds >= 0 ? (void)json.value(model.eta_seconds) : (void)json.null();
  json.key("trial");
  model.trial ? write_version(json, *model.trial) : (void)json.null();
  json.key("live");
  model.live ? write_version(json, *model.live) : (void)json.null();
  json.key("retrieval");
  if (model.retrieval.method.empty()) {
    json.null();
  } else {
    json.begin_object();
    json.field("method", model.retrieval.method);
    json.field("scanned_share", model.retrieval.scanned_share);
    json.field("recall", model.retrieval.recall);
    json.end_object();
  }
  write_live_quality(json, model);
  if (with_versions) {
    json.key("versions").begin_array();
    for (const ModelVersion& version : model.versions)
      write_version(json, version);
    json.end_array();
  }
  json.end_object();
}

void write_status(JsonWriter& json, const NodeStatus& status, Timestamp now) {
  json.begin_object();
  json.field("topology", status.topology);
  json.field("version", status.version);
  json.field("started", status.started);
  json.field("uptime_seconds", static_cast<double>((now.micros - status.started.micros) / 1000) * 1e-3);
  json.field("ready", status.ready);
  json.field("healthy", status.healthy);
  json.key("components").begin_array();
  for (const ComponentStatus& component : status.components)
    write_component(json, component);
  json.end_array();
  json.key("models").begin_array();
  for (const ModelStatus& model : status.models)
    write_model(json, model, false);
  json.end_array();
  json.key("store").begin_object();
  json.field("used_bytes", status.store.used_bytes);
  json.field("map_bytes", status.store.map_bytes);
  json.field("commits", status.store.commits);
  json.field("readers", status.store.readers);
  json.field("changelog_bytes", status.store.changelog_bytes);
  json.field("last_commit_seconds", status.store.last_commit_seconds);
  json.field("refused", status.store.refused);
  json.field("state", status.store.health.ok() ? "writable" : "read-only");
  json.field("reason", status.store.health.message());
  json.end_object();
  write_memory(json, status.memory);
  json.end_object();
}

}  // namespace penstock
