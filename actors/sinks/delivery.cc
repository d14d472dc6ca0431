#include "actors/sinks/delivery.h"

namespace penstock {

std::vector<topology::Property> delivery_properties() {
  using topology::Kind;
  return {
      {.name = "max_tries",
       .kind = Kind::kInteger,
       .meaning = "How often a delivery that the outside cannot take at present is tried before the records that it "
                  "will not take are looked for and set aside as dead letters; 0: for ever, nothing is set aside.",
       .default_value = "0",
       .minimum = 0},
      {.name = "backoff_min",
       .kind = Kind::kDuration,
       .meaning = "The pause before the second try; it doubles with each further one.",
       .default_value = "100ms",
       .minimum = 0.001},
      {.name = "backoff_max",
       .kind = Kind::kDuration,
       .meaning = "The longest pause between two tries.",
       .default_value = "30s",
       .minimum = 0.001},
  };
}

void check_delivery(const topology::Component& component, topology::Diagnostics& diagnostics) {
  if (component.duration("backoff_min") > component.duration("backoff_max"))
    diagnostics.error(component.place_of("backoff_max"), "out-of-bounds", "backoff_max is less than backoff_min",
                      "it must be at least " + to_string(component.duration("backoff_min")));
}

DeliveryPolicy delivery_policy(const topology::Component& component) {
  return {static_cast<uint64_t>(component.integer("max_tries")),
          {component.duration("backoff_min"), component.duration("backoff_max")}};
}

}  // namespace penstock
