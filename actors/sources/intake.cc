#include "actors/sources/intake.h"

#include "topology/component.h"

namespace penstock {

Intake::Intake(const Runtime& runtime, const std::string& source) : runtime_(runtime), log_(source) {
  for (const topology::PlannedLog& log : runtime.plan.logs)
    if (log.name == source)
      partitions_ = log.partitions;
  const topology::Component& component = runtime.plan.topology.find(source)->component;
  if (component.has("max_bytes"))
    max_bytes_ = component.bytes("max_bytes");
}

Status Intake::check() const {
  if (runtime_.memory.exceeded())
    return resource_exhausted("the node's memory budget of " + to_string(Bytes{runtime_.memory.limit()}) +
                              " is used up: " + to_string(Bytes{runtime_.memory.used()}) + " are in use");
  if (!max_bytes_)
    return ok();
  uint64_t held = 0;
  for (uint32_t p = 0; p < partitions_; ++p) {
    PENSTOCK_ASSIGN(const LogRange range, runtime_.store.range(log_, Partition(p)));
    held += range.bytes;
  }
  if (held < max_bytes_->count)
    return ok();
  return resource_exhausted("the log " + log_ + " is full: it holds " + to_string(Bytes{held}) + ", its max_bytes is " +
                            to_string(*max_bytes_) + "; it takes more when its retention has dropped some");
}

}  // namespace penstock
