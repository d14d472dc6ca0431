// GET /v1/logs.
#include "actors/servers/api_routes.h"
#include "actors/servers/json_writer.h"

namespace penstock {
namespace {

void write_consumer(JsonWriter& json, const LogStatus::Consumer& consumer) {
  json.begin_object();
  json.field("id", consumer.id);
  json.field("kind", consumer.kind);
  json.key("positions").begin_array();
  for (const std::optional<Offset>& position : consumer.positions)
    position ? json.value(position->value()) : json.null();
  json.end_array();
  json.field("lag_records", consumer.lag_records);
  json.field("lag_bytes", consumer.lag_bytes);
  json.field("lag_seconds", consumer.lag_seconds);
  json.end_object();
}

void write_log(JsonWriter& json, const LogStatus& log) {
  json.begin_object();
  json.field("name", log.name);
  json.key("retain_for_seconds");
  log.retain_for ? json.value(log.retain_for->seconds()) : json.null();
  json.key("retain_bytes");
  log.retain_bytes ? json.value(log.retain_bytes->count) : json.null();
  json.key("partitions").begin_array();
  for (const LogStatus::Part& part : log.partitions) {
    json.begin_object();
    json.field("first_offset", part.first.value());
    json.field("next_offset", part.next.value());
    json.field("bytes", part.bytes);
    json.end_object();
  }
  json.end_array();
  json.key("consumers").begin_array();
  for (const LogStatus::Consumer& consumer : log.consumers)
    write_consumer(json, consumer);
  json.end_array();
  json.end_object();
}

void logs(const ApiContext& context, ApiCall call, const Responder& respond) {
  const Result<std::vector<LogStatus>> logs = context.node.logs();
  if (!logs.ok())
    return respond(problem(logs.status(), call.request.path));
  JsonWriter json;
  json.begin_object();
  json.key("logs").begin_array();
  for (const LogStatus& log : *logs)
    write_log(json, log);
  json.end_array();
  json.end_object();
  respond(json_answer(json.take()));
}

}  // namespace

std::vector<ApiRoute> log_routes() {
  return {{.method = "GET",
           .path = "/v1/logs",
           .id = "logs",
           .summary = "The logs: what they hold and keep, and how far behind each consumer is.",
           .parameters = {},
           .answers = {{200, "All logs.", "Logs"}},
           .handle = logs}};
}

}  // namespace penstock
