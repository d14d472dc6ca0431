// POST /v1/events.
#include <algorithm>

#include "actors/servers/api_routes.h"
#include "actors/servers/json_writer.h"
#include "messages/json_lines.h"

namespace penstock {
namespace {

constexpr size_t kMaxErrors = 100;  // told one by one

const std::vector<std::string> kJson = {"application/json"};
const std::vector<std::string> kLines = {"application/x-ndjson", "application/jsonl", "application/jsonlines"};

bool is_one_of(std::string_view content_type, const std::vector<std::string>& types) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' '))
    content_type.remove_suffix(1);
  return std::any_of(types.begin(), types.end(),
                     [&](const auto& type) { return equal_ignoring_case(type, content_type); });
}

ProblemDetail detail_of(const DecodeError& error, bool lines) {
  // The place in the body, as a JSON Pointer where the body is one JSON value.
  const std::string field = error.field.empty() ? "" : "/" + error.field;
  const std::string pointer = lines         ? "line " + std::to_string(error.line) + field
                              : error.index ? "/" + std::to_string(*error.index) + field
                                            : field;
  return {pointer, "expected " + error.expected + ", found " + error.found};
}

HttpResponse refusal(const std::vector<DecodeError>& errors, size_t good, bool lines, const std::string& path) {
  std::vector<ProblemDetail> details;
  for (size_t i = 0; i < std::min(errors.size(), kMaxErrors); ++i)
    details.push_back(detail_of(errors[i], lines));
  return problem(400,
                 std::to_string(errors.size()) + " of " + std::to_string(errors.size() + good) +
                     (errors.size() + good == 1 ? " event is" : " events are") + " wrong; none was taken",
                 path, details);
}

std::string accepted(const PostedEvents& posted, size_t events) {
  JsonWriter json;
  json.begin_object();
  json.field("log", posted.log);
  json.field("events", events);
  json.key("places").begin_array();
  for (const PostedEvents::Place& place : posted.places) {
    json.begin_object();
    json.field("partition", place.partition.value());
    json.field("first_offset", place.first.value());
    json.field("events", place.records);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

void post_events(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string_view content_type = call.request.header("Content-Type").value_or("");
  const bool lines = is_one_of(content_type, kLines);
  if (!lines && !is_one_of(content_type, kJson))
    return respond(
        problem(415,
                (content_type.empty() ? "the Content-Type is missing"
                                      : "the Content-Type \"" + std::string(content_type) + "\" is not known") +
                    std::string("; send application/json (an object or an array of objects) or "
                                "application/x-ndjson (one object a line)"),
                call.request.path));
  const std::string source = call.text("source");
  const Result<SchemaPtr> schema = context.node.event_schema(source);
  if (!schema.ok())
    return respond(problem(schema.status(), call.request.path));

  JsonLinesDecoder decoder(*schema);
  Result<Decoded> decoded =
      lines ? Result<Decoded>(decoder.decode(call.request.body)) : decoder.decode_value(call.request.body, "body");
  if (!decoded.ok())
    return respond(problem(decoded.status(), call.request.path));
  const size_t events = decoded->batch->rows();
  if (!decoded->errors.empty())
    return respond(refusal(decoded->errors, events, lines, call.request.path));
  if (events == 0)
    return respond(problem(400, "the body holds no events", call.request.path));
  context.node.post_events(
      source, decoded->batch, [respond, events, path = call.request.path](const Result<PostedEvents>& posted) {
        respond(posted.ok() ? json_answer(accepted(*posted, events), 201) : problem(posted.status(), path));
      });
}

}  // namespace

std::vector<ApiRoute> event_routes() {
  std::vector<std::string> types = kJson;
  types.insert(types.end(), kLines.begin(), kLines.end());
  return {{.method = "POST",
           .path = "/v1/events",
           .id = "post_events",
           .summary =
               "Takes events in: an object, an array of objects, or JSON Lines; all of them or none. Answered when "
               "they are durable.",
           .parameters = {{ApiParameter::In::kQuery, "source", ApiParameter::Kind::kText,
                           "The source whose log takes them; default: the server's `events`, or the only source."}},
           .answers = {{201, "The events are durable.", "EventsTaken"},
                       {400, "Events are wrong; each is named, and none was taken.", "Problem"},
                       {404, "There is no such source.", "Problem"},
                       {413, "The body is larger than the server takes.", "Problem"},
                       {415, "The body is no JSON.", "Problem"},
                       {429, "The disk budget is used up; try again later.", "Problem"}},
           .handle = post_events,
           .body_types = types}};
}

}  // namespace penstock
