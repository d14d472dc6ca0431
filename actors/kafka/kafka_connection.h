// What a source and a sink of type `kafka` declare alike: the brokers, and how to reach them. Pure; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "topology/component_type.h"

namespace penstock {

/// Settings of librdkafka, by their names there, in the order in which they are made.
using KafkaSettings = std::vector<std::pair<std::string, std::string>>;

/// A setting that a component makes itself, and the property that decides it (empty: none does).
struct KafkaOwnSetting {
  const char* setting;
  const char* property;
};

/// brokers, tls, sasl, properties.
std::vector<topology::Property> kafka_properties();
/// Reports what is wrong with them: brokers that are no addresses, files that are missing, a setting that librdkafka does not
/// know, or that is made by another property or in `own`.
void check_kafka(const topology::Component& component, const topology::BindContext& context,
                 const std::vector<KafkaOwnSetting>& own);
/// The settings that they make. Requires: check_kafka() found nothing. `folder`: of the topology file.
KafkaSettings kafka_settings(const topology::Component& component, const std::string& folder);

}  // namespace penstock
