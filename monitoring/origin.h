// Who an event is about.
#pragma once

#include <string>

namespace penstock::monitoring {

/// Which component speaks. Vector's labels: component_id, component_kind, component_type.
struct Origin {
  std::string id;
  std::string kind;  // source, stage, aggregator, sink, trainer, server, region, store
  std::string type;
};

}  // namespace penstock::monitoring
