// GET /v1/status, /metrics, and what probes ask: /live (would a new process help?), /ready (may requests come?), /health (is
// anything failing, while the rest goes on?).
#include "actors/servers/api_json.h"
#include "actors/servers/api_routes.h"

namespace penstock {
namespace {

void status(const ApiContext& context, ApiCall, const Responder& respond) {
  JsonWriter json;
  write_status(json, context.node.status(), context.clock.now());
  respond(json_answer(json.take()));
}

std::string with_message(const std::string& state, const std::string& message) {
  return message.empty() ? state : state + ": " + message;
}

void answer_probe(bool good, const char* word, const std::string& detail, const std::vector<ProblemDetail>& reasons,
                  const ApiCall& call, const Responder& respond) {
  if (!good)
    return respond(problem(503, detail, call.request.path, reasons));
  JsonWriter json;
  json.begin_object();
  json.field("status", word);
  json.end_object();
  respond(json_answer(json.take()));
}

void live(const ApiContext& context, ApiCall call, const Responder& respond) {
  const NodeStatus status = context.node.status();
  std::vector<ProblemDetail> reasons;
  for (const ComponentStatus& component : status.components)
    if (component.state == "stalled")
      reasons.push_back({component.id, with_message(component.state, component.message)});
  answer_probe(status.alive, "alive", "something hangs that only a new process mends", reasons, call, respond);
}

// With a read-only store the node is up and answers, so it is not taken away from who asks; but it says so.
void health(const ApiContext& context, ApiCall call, const Responder& respond) {
  const NodeStatus status = context.node.status();
  if (status.healthy && !status.store.health.ok()) {
    JsonWriter json;
    json.begin_object();
    json.field("status", "degraded");
    json.field("reason", "the store is read-only: " + status.store.health.message());
    json.end_object();
    return respond(json_answer(json.take()));
  }
  std::vector<ProblemDetail> reasons;
  for (const ComponentStatus& component : status.components)
    if (component.state == "failing" || component.state == "failed" || component.state == "stalled")
      reasons.push_back({component.id, with_message(component.state, component.message)});
  if (!status.store.health.ok())
    reasons.push_back({"store", "read-only: " + status.store.health.message()});
  answer_probe(status.healthy, "ok", "something is failing", reasons, call, respond);
}

void ready(const ApiContext& context, ApiCall call, const Responder& respond) {
  const NodeStatus status = context.node.status();
  std::vector<ProblemDetail> reasons;
  for (const ComponentStatus& component : status.components)
    if (component.state == "starting" || component.state == "restarting" || component.state == "failing" ||
        component.state == "failed" || component.state == "stopped")
      reasons.push_back({component.id, with_message(component.state, component.message)});
  for (const ModelStatus& model : status.models)
    if (!model.live)
      reasons.push_back({model.id, with_message(model.state, model.message)});
  answer_probe(status.ready, "ready", "not everything is running and trained yet", reasons, call, respond);
}

void metrics(const ApiContext& context, ApiCall, const Responder& respond) {
  respond({200, "text/plain; version=0.0.4; charset=utf-8", context.node.metrics()});
}

}  // namespace

std::vector<ApiRoute> status_routes() {
  return {
      {.method = "GET",
       .path = "/v1/status",
       .id = "status",
       .summary = "The node, its components, models and store.",
       .parameters = {},
       .answers = {{200, "The status.", "Status"}},
       .handle = status},
      {.method = "GET",
       .path = "/live",
       .id = "live",
       .summary = "Whether the process works; if not, it has to be started again.",
       .parameters = {},
       .answers = {{200, "It works.", "Probe"}, {503, "What hangs.", "Problem"}},
       .handle = live},
      {.method = "GET",
       .path = "/health",
       .id = "health",
       .summary = "Whether nothing is failing. What fails leaves the rest alone: no reason for a restart.",
       .parameters = {},
       .answers = {{200, "Nothing is failing.", "Probe"}, {503, "What is failing, and why.", "Problem"}},
       .handle = health},
      {.method = "GET",
       .path = "/ready",
       .id = "ready",
       .summary = "Whether everything has come up and every model that can be trained answers.",
       .parameters = {},
       .answers = {{200, "Everything has come up.", "Probe"}, {503, "What is not there yet.", "Problem"}},
       .handle = ready},
      {.method = "GET",
       .path = "/metrics",
       .id = "metrics",
       .summary = "Metrics for Prometheus.",
       .parameters = {},
       .answers = {{200, "Prometheus text format 0.0.4.", "", "text/plain"}},
       .handle = metrics},
  };
}

}  // namespace penstock
