// GET /v1/supervision: the tree of supervisors and workers.
#include "actors/servers/api_json.h"
#include "actors/servers/api_routes.h"

namespace penstock {
namespace {

template <class T>
void optional_field(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
  json.key(name);
  value ? (void)json.value(*value) : (void)json.null();
}

void write_tree(JsonWriter& json, const SupervisionStatus& status) {
  json.begin_object();
  json.field("id", status.id);
  json.field("kind", status.kind);
  json.key("strategy");
  status.strategy.empty() ? (void)json.null() : (void)json.value(status.strategy);
  json.field("state", status.state);
  optional_field(json, "since", status.since);
  json.field("restarts", status.restarts);
  json.field("reason", status.reason);
  optional_field(json, "next_try", status.next_try);
  optional_field(json, "busy_seconds", status.busy_seconds);
  json.key("children").begin_array();
  for (const SupervisionStatus& child : status.children)
    write_tree(json, child);
  json.end_array();
  json.end_object();
}

void supervision(const ApiContext& context, ApiCall, const Responder& respond) {
  JsonWriter json;
  write_tree(json, context.node.supervision());
  respond(json_answer(json.take()));
}

}  // namespace

std::vector<ApiRoute> supervision_routes() {
  return {
      {.method = "GET",
       .path = "/v1/supervision",
       .id = "supervision",
       .summary = "The tree of supervisors and workers: who restarts what, how often, and why.",
       .parameters = {},
       .answers = {{200, "The node, which is the root of the tree.", "Supervision"}},
       .handle = supervision},
  };
}

}  // namespace penstock
