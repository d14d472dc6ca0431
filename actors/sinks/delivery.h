// What every sink declares about trying again when the outside does not take its records.
#pragma once

#include <cstdint>
#include <vector>

#include "core/backoff.h"
#include "topology/component.h"
#include "topology/diagnostic.h"
#include "topology/property.h"

namespace penstock {

struct DeliveryPolicy {
  uint64_t max_tries = 0;  // 0: for ever
  Backoff backoff;
};

std::vector<topology::Property> delivery_properties();
void check_delivery(const topology::Component& component, topology::Diagnostics& diagnostics);
/// Of a sink that was checked.
DeliveryPolicy delivery_policy(const topology::Component& component);

}  // namespace penstock
