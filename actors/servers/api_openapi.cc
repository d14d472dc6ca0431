// openapi.json, and GET / and GET /openapi.json, which show the list of routes itself.
#include <map>

#include "actors/servers/api_routes.h"
#include "actors/servers/json_writer.h"

namespace penstock {
namespace {

/// `{key...}` as OpenAPI writes it: `{key}`.
std::string openapi_path(std::string path) {
  if (const size_t dots = path.find("...}"); dots != std::string::npos)
    path.erase(dots, 3);
  return path;
}

void write_reference(JsonWriter& json, const std::string& schema) {
  json.key("schema").begin_object();
  json.field("$ref", "#/components/schemas/" + schema);
  json.end_object();
}

void write_parameter(JsonWriter& json, const ApiParameter& parameter) {
  const bool in_path = parameter.in == ApiParameter::In::kPath;
  json.begin_object();
  json.field("name", parameter.name);
  json.field("in", in_path ? "path" : parameter.in == ApiParameter::In::kHeader ? "header" : "query");
  json.field("required", in_path);
  json.field("description", parameter.meaning);
  json.key("schema").begin_object();
  switch (parameter.kind) {
    case ApiParameter::Kind::kText: json.field("type", "string"); break;
    case ApiParameter::Kind::kFlag: json.field("type", "boolean").field("default", false); break;
    case ApiParameter::Kind::kInteger:
      json.field("type", "integer");
      json.field("minimum", parameter.minimum);
      json.field("maximum", parameter.maximum);
      json.field("default", parameter.default_value);
      break;
    case ApiParameter::Kind::kList:
      json.field("type", "array");
      json.key("items").begin_object().field("type", "string").end_object();
      break;
  }
  json.end_object();
  if (parameter.kind == ApiParameter::Kind::kList)
    json.field("style", "form").field("explode", false);
  json.end_object();
}

void write_answer(JsonWriter& json, const ApiAnswer& answer) {
  json.key(std::to_string(answer.status)).begin_object();
  json.field("description", answer.meaning);
  json.key("content").begin_object();
  json.key(answer.schema == "Problem" ? "application/problem+json" : answer.content_type).begin_object();
  if (!answer.schema.empty())
    write_reference(json, answer.schema);
  json.end_object().end_object().end_object();
}

/// What stands in a body of that type: all of it where the type can say so, else what one of its lines is, or text.
std::string body_schema(const ApiRoute& route, const std::string& type) {
  if (!route.body_schema.empty())
    return route.body_schema;
  if (type == "application/json")
    return "Events";
  if (type.starts_with("text/"))
    return "Table";
  return type.ends_with("protobuf") ? "RecordBatch" : "Event";
}

void write_operation(JsonWriter& json, const ApiRoute& route) {
  std::string method = route.method;
  for (char& c : method)
    c = static_cast<char>(c - 'A' + 'a');
  json.key(method).begin_object();
  json.field("operationId", route.id);
  json.field("summary", route.summary);
  if (!route.parameters.empty()) {
    json.key("parameters").begin_array();
    for (const ApiParameter& parameter : route.parameters)
      write_parameter(json, parameter);
    json.end_array();
  }
  if (!route.body_types.empty()) {
    json.key("requestBody").begin_object();
    json.field("required", true);
    json.key("content").begin_object();
    for (const std::string& type : route.body_types) {
      json.key(type).begin_object();
      write_reference(json, body_schema(route, type));
      json.end_object();
    }
    json.end_object().end_object();
  }
  json.key("responses").begin_object();
  for (const ApiAnswer& answer : route.answers)
    write_answer(json, answer);
  write_answer(json, {500, "A bug.", "Problem"});
  json.end_object().end_object();
}

void index(const ApiContext& context, ApiCall, const Responder& respond) {
  JsonWriter json;
  json.begin_object();
  json.field("name", "penstock");
  json.field("version", context.node.status().version);
  json.key("links").begin_array();
  for (const ApiRoute& route : context.routes) {
    json.begin_object();
    json.field("method", route.method);
    json.field("path", openapi_path(route.path));
    json.field("summary", route.summary);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  respond(json_answer(json.take()));
}

void openapi(const ApiContext& context, ApiCall, const Responder& respond) {
  respond(json_answer(openapi_document(context.routes, context.node.status().version)));
}

}  // namespace

std::string openapi_document(const std::vector<ApiRoute>& routes, const std::string& version) {
  std::map<std::string, std::vector<const ApiRoute*>> paths;
  for (const ApiRoute& route : routes)
    paths[openapi_path(route.path)].push_back(&route);
  JsonWriter json;
  json.begin_object();
  json.field("openapi", "3.1.0");
  json.key("info").begin_object();
  json.field("title", "Penstock").field("version", version);
  json.field("description", "Recommendations, views, events and status of a running node.");
  json.end_object();
  json.key("paths").begin_object();
  for (const auto& [path, operations] : paths) {
    json.key(path).begin_object();
    for (const ApiRoute* route : operations)
      write_operation(json, *route);
    json.end_object();
  }
  json.end_object();
  json.key("components").begin_object().key("schemas").begin_object();
  for (const auto& [name, schema] : api_schemas())
    json.key(name).raw(schema);
  json.end_object().end_object().end_object();
  return json.take();
}

const std::vector<ApiRoute>& api_routes() {
  static const std::vector<ApiRoute> routes = [] {
    std::vector<ApiRoute> all = {{.method = "GET",
                                  .path = "/",
                                  .id = "index",
                                  .summary = "What can be asked here.",
                                  .parameters = {},
                                  .answers = {{200, "The list.", "Index"}},
                                  .handle = index},
                                 {.method = "GET",
                                  .path = "/openapi.json",
                                  .id = "openapi",
                                  .summary = "This API as an OpenAPI 3.1 document.",
                                  .parameters = {},
                                  .answers = {{200, "The document.", "OpenApi"}},
                                  .handle = openapi}};
    for (auto* part :
         {recommendation_routes, event_routes, view_routes, model_routes, model_version_routes, prediction_routes,
          choice_routes, experiment_routes, feature_routes, status_routes, supervision_routes, backup_routes,
          batch_routes, job_routes, log_routes, tap_routes, dead_letter_routes})
      for (ApiRoute& route : part())
        all.push_back(std::move(route));
    return all;
  }();
  return routes;
}

}  // namespace penstock
