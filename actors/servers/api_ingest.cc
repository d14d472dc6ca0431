#include "actors/servers/api_ingest.h"

#include <algorithm>

#include "actors/servers/ingest_body.h"
#include "actors/servers/json_writer.h"

namespace penstock {
namespace {

constexpr size_t kMostKey = 255;

/// What is wrong with the Idempotency-Key header; empty if nothing is, or there is none.
std::string read_key(const HttpRequest& request, std::string& key) {
  size_t given = 0;
  for (const auto& [name, value] : request.headers)
    if (equal_ignoring_case(name, "Idempotency-Key")) {
      ++given;
      key = value;
    }
  if (given > 1)
    return "the Idempotency-Key is given more than once";
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (given == 1 && (key.empty() || key.size() > kMostKey || !printable))
    return "an Idempotency-Key has 1 to " + std::to_string(kMostKey) + " printable characters";
  return {};
}

std::vector<ProblemDetail> details_of(const IngestAnswer& answer) {
  std::vector<ProblemDetail> details;
  for (const IngestAnswer::Error& error : answer.errors)
    details.push_back({error.pointer, error.detail});
  return details;
}

HttpResponse refusal(const IngestAnswer& answer, size_t good, const std::string& path) {
  const uint64_t all = answer.rejected + good;
  if (all == 0)
    return problem(400, "the body holds no events", path);
  return problem(400,
                 std::to_string(answer.rejected) + " of " + std::to_string(all) +
                     (all == 1 ? " event is" : " events are") + " wrong; none was taken",
                 path, details_of(answer));
}

std::string taken(const IngestAnswer& answer) {
  JsonWriter json;
  json.begin_object();
  json.field("log", answer.log);
  json.field("accepted", answer.accepted);
  json.field("rejected", answer.rejected);
  json.field("duplicates", answer.duplicates);
  json.key("places").begin_array();
  for (const IngestAnswer::Place& place : answer.places) {
    json.begin_object();
    json.field("partition", place.partition.value());
    json.field("first_offset", place.first.value());
    json.field("events", place.records);
    json.end_object();
  }
  json.end_array();
  json.key("errors").begin_array();
  for (const IngestAnswer::Error& error : answer.errors) {
    json.begin_object();
    json.field("pointer", error.pointer);
    json.field("detail", error.detail);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

HttpResponse shown(const Result<IngestAnswer>& result, size_t good, const std::string& key, const std::string& path) {
  if (!result.ok())
    return problem(result.status(), path);
  switch (result->outcome) {
    case IngestAnswer::Outcome::kRefused: return refusal(*result, good, path);
    case IngestAnswer::Outcome::kKeyReused:
      return problem(422, "the Idempotency-Key \"" + key + "\" came with another body before; none was taken", path);
    case IngestAnswer::Outcome::kTaken: break;
  }
  HttpResponse answer = json_answer(taken(*result), result->rejected + result->duplicates == 0 ? 201 : 200);
  if (!result->traceparent.empty())
    answer.headers.emplace_back("traceparent", result->traceparent);
  if (result->replayed)
    answer.headers.emplace_back("Idempotency-Replayed", "true");
  return answer;
}

}  // namespace

void ingest(const ApiContext& context, const ApiCall& call, const std::string& source, const Responder& respond) {
  const std::string& path = call.request.path;
  const Result<IngestFormat> format = context.node.ingest_format(source);
  if (!format.ok())
    return respond(problem(format.status(), path));
  IngestRequest request;
  request.source = format->source;
  request.atomic = call.text("atomic") == "true";
  if (const std::string wrong = read_key(call.request, request.idempotency_key); !wrong.empty())
    return respond(problem(400, wrong, path));
  if (auto refused = read_ingest_body(call.request, *format, request))
    return respond(std::move(*refused));
  if (const auto parent = call.request.header("traceparent"))
    request.trace = parse_traceparent(*parent);
  request.fingerprint += request.atomic ? " atomic" : "";
  IngestDone done = [respond, path, good = request.records->rows(), key = request.idempotency_key](
                        const Result<IngestAnswer>& result) { respond(shown(result, good, key, path)); };
  context.node.ingest(std::move(request), std::move(done));
}

std::vector<ApiParameter> ingest_parameters() {
  return {{ApiParameter::In::kQuery, "atomic", ApiParameter::Kind::kFlag,
           "Whether one wrong event refuses all of them; else the good ones are taken and the others set aside."},
          {ApiParameter::In::kHeader, "Idempotency-Key", ApiParameter::Kind::kText,
           "Any text that no other request has. The request may then be sent again, for a day or as long as the source "
           "says, and counts once: what was taken before is answered again."},
          {ApiParameter::In::kHeader, "traceparent", ApiParameter::Kind::kText,
           "W3C Trace Context. If its flag `sampled` is set and the node follows requests, the events' way is logged "
           "under its trace id; the answer then has a traceparent too."},
          {ApiParameter::In::kHeader, "Content-Encoding", ApiParameter::Kind::kText, "gzip or zstd, if it is packed."}};
}

std::vector<ApiAnswer> ingest_answers() {
  return {
      {200, "Durable; but some events were wrong (each is named, and set aside) or had been taken before.",
       "EventsTaken"},
      {201, "All events are taken and durable.", "EventsTaken"},
      {400, "The body cannot be read, or no event is good, or one is wrong and `atomic` was asked for; none was taken.",
       "Problem"},
      {413, "The body is larger than is taken, as it is or decompressed.", "Problem"},
      {415, "The body's type, charset or coding is not read here.", "Problem"},
      {422, "The Idempotency-Key came with another body before.", "Problem"},
      {429, "The budget of the log, the disk or the memory is used up; try again later.", "Problem"},
      {503, "The store takes nothing at the moment, or the node is starting or stopping; try again later.", "Problem"}};
}

ApiRoute ingest_route(const IngestPath& path) {
  return {.method = "POST",
          .path = path.path,
          .id = "ingest_" + path.source,
          .summary = "Takes records of the source " + path.source + " in. Answered when they are durable.",
          .parameters = ingest_parameters(),
          .answers = ingest_answers(),
          .handle = [source = path.source](const ApiContext& context, ApiCall call,
                                           const Responder& respond) { ingest(context, call, source, respond); },
          .body_types = ingest_content_types()};
}

}  // namespace penstock
