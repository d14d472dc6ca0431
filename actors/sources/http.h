// Source `http`: clients send its records to a path of the topology's HTTP servers. A declaration alone: no actor runs for
// it; requests go from the server (actors/servers/api_ingest.h) to the source's Ingest (ingest.h).
#pragma once

#include "topology/component_type.h"

namespace penstock {

topology::ComponentType http_source_type();

}  // namespace penstock
