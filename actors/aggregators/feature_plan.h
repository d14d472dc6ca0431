// What a feature store keeps of a key, and what it gives of it: aggregates of the key's events, some of them over a time only.
// Taken from the properties of a `features` component; `enrich` has the same plan of the same events. Plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/aggregators/event_time.h"
#include "sql/aggregate.h"
#include "topology/component_type.h"

namespace penstock {

struct FeaturePlan {
  struct Feature {
    std::string name;
    sql::AggregateCall call;
    std::optional<Duration> within = {};  // only events so near before the time that is asked for
  };
  std::vector<size_t> key;  // columns of the events
  EventTime time;
  std::vector<Feature> features;
  std::optional<Duration> ttl;  // a pause so long ends what was before
  Duration history{};           // how far back a value can be asked for
  Duration resolution{1};       // events so near together count at the end of their slice of time

  SchemaPtr schema;  // the key columns, then the features; null if anything was wrong

  size_t time_column() const { return *time.time; }
  /// Events are kept apart for so long; older ones are one sum. In microseconds.
  int64_t keep() const;
  /// When an event of that time begins to count: it is seen as of later times.
  int64_t counts_at(int64_t at) const;
};

/// The properties that make a plan, beside those of event time: key, features, ttl, history, resolution.
std::vector<topology::Property> feature_plan_properties();
FeaturePlan plan_features(const topology::Component& component, const SchemaPtr& input,
                          topology::Diagnostics& diagnostics);

}  // namespace penstock
