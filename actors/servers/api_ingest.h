// Taking records in over HTTP: what `POST /v1/events` and the paths of the sources of type `http` have in common.
#pragma once

#include <string>
#include <vector>

#include "actors/servers/api_route.h"

namespace penstock {

/// Reads the request's body as records of that source, hands them to the node, and answers when they are durable. `source`
/// empty: the server's default.
void ingest(const ApiContext& context, const ApiCall& call, const std::string& source, const Responder& respond);

/// What such an operation takes beside its path, and what it answers: for its ApiRoute.
std::vector<ApiParameter> ingest_parameters();
std::vector<ApiAnswer> ingest_answers();
/// The operation at a source's own path.
ApiRoute ingest_route(const IngestPath& path);

}  // namespace penstock
