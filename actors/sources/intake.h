// Whether a source may take more in, or a budget is used up: that of its log (`max_bytes`) or that of the node's memory.
// Thread safe. The disk's budget is the store's own affair: it refuses the commit.
#pragma once

#include <optional>
#include <string>

#include "actors/supervision/runtime.h"
#include "core/status.h"

namespace penstock {

class Intake {
 public:
  /// `runtime` outlives it. Requires: `source` is a source of the plan.
  Intake(const Runtime& runtime, const std::string& source);
  /// Ok, or resource_exhausted, saying which budget is used up and what makes room.
  Status check() const;

 private:
  const Runtime& runtime_;
  std::string log_;
  uint32_t partitions_ = 1;
  std::optional<Bytes> max_bytes_;
};

}  // namespace penstock
