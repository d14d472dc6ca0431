#include "actors/servers/http_problem.h"

#include "actors/servers/json_writer.h"

namespace penstock {

HttpResponse problem(int status, std::string_view detail, std::string_view instance,
                     const std::vector<ProblemDetail>& errors) {
  JsonWriter json;
  json.begin_object();
  json.field("type", "about:blank");
  json.field("title", reason_phrase(status));
  json.field("status", status);
  json.field("detail", detail);
  if (!instance.empty())
    json.field("instance", instance);
  if (!errors.empty()) {
    json.key("errors").begin_array();
    for (const ProblemDetail& error : errors) {
      json.begin_object();
      json.field("pointer", error.pointer);
      json.field("detail", error.detail);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  HttpResponse response{status, "application/problem+json", json.take()};
  if (status == 503 || status == 429)
    response.headers.emplace_back("Retry-After", "1");
  return response;
}

HttpResponse problem(const Status& status, std::string_view instance) {
  return problem(http_status(status.code()), status.message(), instance);
}

int http_status(Code code) {
  switch (code) {
    case Code::kOk: return 200;
    case Code::kInvalidArgument: return 400;
    case Code::kNotFound: return 404;
    case Code::kAlreadyExists: return 409;
    case Code::kFailedPrecondition: return 503;
    case Code::kResourceExhausted: return 429;
    case Code::kUnavailable: return 503;
    case Code::kCancelled: return 503;
    case Code::kDataLoss:
    case Code::kInternal: return 500;
  }
  return 500;
}

}  // namespace penstock
