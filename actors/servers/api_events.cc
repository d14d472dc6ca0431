// POST /v1/events.
#include "actors/servers/api_ingest.h"
#include "actors/servers/api_routes.h"
#include "actors/servers/ingest_body.h"

namespace penstock {
namespace {

void post_events(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string source = call.text("source");
  ingest(context, call, source, respond);
}

}  // namespace

std::vector<ApiRoute> event_routes() {
  ApiRoute route{.method = "POST",
                 .path = "/v1/events",
                 .id = "post_events",
                 .summary = "Takes events of any source in. Answered when they are durable.",
                 .parameters = ingest_parameters(),
                 .answers = ingest_answers(),
                 .handle = post_events,
                 .body_types = ingest_content_types()};
  route.parameters.insert(route.parameters.begin(),
                          {ApiParameter::In::kQuery, "source", ApiParameter::Kind::kText,
                           "The source whose log takes them; default: the server's `events`, or the only source."});
  route.answers.push_back({404, "There is no such source.", "Problem"});
  return {route};
}

}  // namespace penstock
