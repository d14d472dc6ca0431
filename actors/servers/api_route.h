// One operation of the REST API: what it is called, what it takes, what it answers, and the function that does it. Routing,
// checking of parameters and openapi.json all derive from the one list of these (api_routes.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/servers/http_message.h"
#include "actors/servers/http_problem.h"
#include "actors/servers/http_router.h"
#include "actors/servers/node.h"
#include "core/clock.h"

namespace penstock {

struct ApiParameter {
  enum class In { kPath, kQuery, kHeader };
  enum class Kind { kText, kInteger, kList, kFlag };  // a list: repeated, or parted by commas; a flag: true or false

  In in = In::kQuery;
  std::string name;
  Kind kind = Kind::kText;
  std::string meaning;
  int64_t default_value = 0;  // of an integer
  int64_t minimum = 0;
  int64_t maximum = 0;
};

struct ApiAnswer {
  int status;
  std::string meaning;
  std::string schema = {};  // of api_schemas(); empty: no JSON
  std::string content_type = "application/json";
};

/// A request whose parameters have been checked.
struct ApiCall {
  HttpRequest request;
  HttpRouter::Parameters path;

  const std::string& path_text(std::string_view name) const { return path.find(name)->second.front(); }
  /// Empty where it was not given.
  std::string text(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  int64_t integer(const ApiParameter& parameter) const;
};

struct ApiContext {
  Node& node;
  const Clock& clock;
  const struct ApiRoute& route;
  const std::vector<struct ApiRoute>& routes;  // all of the API
};

struct ApiRoute {
  std::string method;
  std::string path;  // template, see http_router.h
  std::string id;    // operationId
  std::string summary;
  std::vector<ApiParameter> parameters;
  std::vector<ApiAnswer> answers;
  std::function<void(const ApiContext&, ApiCall, const Responder&)> handle;
  std::vector<std::string> body_types = {};  // content types of a request's body
  std::string body_schema = {};              // of api_schemas(); empty: events

  const ApiParameter& parameter(std::string_view name) const;
};

/// Everything that is wrong with the request's query, empty if nothing is.
std::vector<ProblemDetail> check_query(const ApiRoute& route, const HttpRequest& request);

/// A 200 (or other) with a JSON body.
HttpResponse json_answer(std::string body, int status = 200);

}  // namespace penstock
