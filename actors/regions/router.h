// An edge's routing, carried out: which rows of a batch go to which worker. Decided by the planner, done here alone; no
// stage hashes keys.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "messages/record_batch.h"
#include "topology/component_type.h"

namespace penstock {

class Router {
 public:
  /// Requires: the routing's columns are in the schema, workers > 0.
  Router(const topology::Routing& routing, const Schema& schema, uint32_t workers);
  /// The batch's parts by worker, without empty ones; rows keep their order. One part: the batch itself.
  std::vector<std::pair<uint32_t, BatchPtr>> split(const BatchPtr& batch) const;

 private:
  std::vector<size_t> columns_;
  uint32_t workers_;
};

}  // namespace penstock
