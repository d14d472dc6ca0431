// The taps of a running node, by the names of its topology.
#pragma once

#include <string>

#include "actors/servers/tap_desk.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class NodeTaps final : public TapDesk {
 public:
  /// `runtime` outlives it.
  explicit NodeTaps(Runtime& runtime) : runtime_(runtime) {}

  Result<SchemaPtr> schema(const std::string& component) const override;
  std::shared_ptr<void> listen(const std::string& component, Listener listener) override;

 private:
  Result<const topology::BoundComponent*> find(const std::string& component) const;

  Runtime& runtime_;
};

}  // namespace penstock
