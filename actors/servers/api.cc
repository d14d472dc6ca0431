#include "actors/servers/api.h"

#include <exception>

#include "actors/servers/api_ingest.h"
#include "actors/servers/api_routes.h"
#include "core/fault_points.h"
#include "core/nearest.h"

namespace penstock {
namespace {

constexpr const char* kNoRoute = "other";

std::vector<ApiRoute> routes_of(const Node& node) {
  std::vector<ApiRoute> routes = api_routes();
  for (const IngestPath& path : node.ingest_paths())
    routes.push_back(ingest_route(path));
  return routes;
}

HttpResponse no_such_path(const HttpRequest& request, const std::vector<ApiRoute>& routes) {
  std::vector<std::string> known;
  known.reserve(routes.size());
  for (const ApiRoute& route : routes)
    known.push_back(route.path);
  const auto meant = nearest(request.path, known);
  return problem(404,
                 "there is nothing at " + request.path +
                     (meant ? "; did you mean " + *meant + "?" : "; GET / lists what can be asked"),
                 request.path);
}

std::string summary(const std::vector<ProblemDetail>& errors) {
  const ProblemDetail& first = errors.front();
  const std::string more = errors.size() > 1 ? " (and " + std::to_string(errors.size() - 1) + " more)" : "";
  return "query parameter `" + first.pointer + "`: " + first.detail + more;
}

}  // namespace

Api::Api(Node& node, monitoring::Monitor& monitor, const Clock& clock)
    : node_(node), monitor_(monitor), clock_(clock), routes_(routes_of(node)) {
  for (size_t i = 0; i < routes_.size(); ++i)
    router_.add(routes_[i].method, routes_[i].path, i);
}

void Api::handle(HttpRequest request, Responder respond) const {
  const auto found = router_.find(request.method, request.segments);
  if (std::holds_alternative<HttpRouter::NoSuchPath>(found))
    return count(kNoRoute, std::move(respond))(no_such_path(request, routes_));
  if (const auto* wrong = std::get_if<HttpRouter::WrongMethod>(&found)) {
    HttpResponse answer = problem(405, request.method + " is not possible here, only " + wrong->allow, request.path);
    answer.headers.emplace_back("Allow", wrong->allow);
    return count(kNoRoute, std::move(respond))(std::move(answer));
  }
  const auto& match = std::get<HttpRouter::Found>(found);
  const ApiRoute& route = routes_[match.route];
  const Responder counted = count(route.method + " " + route.path, std::move(respond));
  try {
    dispatch(std::move(request), match, counted);
  } catch (const std::exception& error) {
    counted(problem(500, std::string("unexpected error, please report it: ") + error.what()));
  }
}

void Api::dispatch(HttpRequest request, const HttpRouter::Found& found, const Responder& respond) const {
  const ApiRoute& route = routes_[found.route];
  if (const auto errors = check_query(route, request); !errors.empty())
    return respond(problem(400, summary(errors), request.path, errors));
  if (const Status fault = hit(FaultPoint::kServe); !fault.ok())
    return respond(problem(fault, request.path));
  route.handle({node_, clock_, route, routes_}, {std::move(request), found.parameters}, respond);
}

Responder Api::count(std::string route, Responder respond) const {
  const int64_t begin = clock_.monotonic_nanos();
  monitor_.emit(monitoring::RequestsUnderWay{1});
  // Not `this`: the node may hold on to a Responder for longer than the API lives.
  return Responder([&monitor = monitor_, &clock = clock_, begin, route = std::move(route),
                    respond = std::move(respond)](HttpResponse answer) {
    const double seconds = static_cast<double>(clock.monotonic_nanos() - begin) * 1e-9;
    monitor.emit(monitoring::RequestServed{route, answer.status, seconds});
    monitor.emit(monitoring::RequestsUnderWay{-1});
    respond(std::move(answer));
  });
}

HttpOptions Api::counted(HttpOptions options) const {
  options.on_refused = [this](int status) { monitor_.emit(monitoring::RequestServed{"refused", status, 0}); };
  return options;
}

}  // namespace penstock
