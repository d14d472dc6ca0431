// NodeRuntime's part that takes records in.
#include <algorithm>

#include "actors/sources/impressions.h"
#include "actors/sources/recommendations.h"
#include "actors/sources/record_properties.h"
#include "actors/supervision/node_runtime.h"
#include "actors/supervision/unknown_name.h"
#include "topology/component.h"

namespace penstock {
namespace {

constexpr Bytes kMostDecoded{64 << 20};

}  // namespace

Result<std::string> NodeRuntime::ingest_source(const std::string& source) const {
  std::vector<std::string> sources;  // but for logs that the node fills itself
  for (const std::string& id : runtime_.plan.sources)
    if (const topology::Component& component = runtime_.plan.topology.find(id)->component;
        component.type != kImpressionsType && component.type != kRecommendationsType)
      sources.push_back(id);
  if (!source.empty())
    return std::find(sources.begin(), sources.end(), source) != sources.end()
               ? Result<std::string>(source)
               : Result<std::string>(not_found(unknown_name("source", source, sources)));
  for (const std::string& id : runtime_.plan.servers) {
    const topology::Component& server = runtime_.plan.topology.find(id)->component;
    if (server.has("events") && !server.text("events").empty())
      return server.text("events");
  }
  if (sources.size() == 1)
    return sources.front();
  return invalid_argument("the topology has several sources: say which one the events are for with ?source=");
}

Result<IngestFormat> NodeRuntime::ingest_format(const std::string& source) const {
  PENSTOCK_ASSIGN(const std::string id, ingest_source(source));
  const topology::BoundComponent& bound = *runtime_.plan.topology.find(id);
  const Bytes most = bound.component.has("max_decoded") ? bound.component.bytes("max_decoded") : kMostDecoded;
  return IngestFormat{id, bound.binding.output, timestamp_units(bound.component), most,
                      unknown_fields(bound.component)};
}

std::vector<IngestPath> NodeRuntime::ingest_paths() const {
  std::vector<IngestPath> paths;
  for (const std::string& id : runtime_.plan.sources)
    if (const topology::Component& source = runtime_.plan.topology.find(id)->component; source.type == "http")
      paths.push_back({source.text("path"), id});
  return paths;
}

void NodeRuntime::ingest(IngestRequest request, IngestDone done) {
  if (!ingesting_)
    return done(unavailable("the node is starting; try again in a moment"));
  const auto found = ingests_.find(request.source);
  if (found == ingests_.end())
    return done(not_found(unknown_name("source", request.source, runtime_.plan.sources)));
  found->second->take(std::move(request), std::move(done));
}

}  // namespace penstock
