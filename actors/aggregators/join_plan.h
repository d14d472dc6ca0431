// What a join does, as its declaration says; made and checked in join_type.cc. Plain data.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/units.h"
#include "messages/schema.h"
#include "sql/expression.h"
#include "topology/component_type.h"

namespace penstock {

struct JoinPlan {
  enum class Mode { kCurrent, kAsOf, kStream };
  static constexpr size_t kLeft = 0, kRight = 1;
  struct Side {
    std::vector<size_t> key;      // columns of the input
    std::optional<size_t> time;   // of the input; none: the mode knows no time
    std::vector<size_t> columns;  // that the result needs, ascending
  };

  Mode mode = Mode::kCurrent;
  bool keeps_unmatched = false;  // kind: left
  std::array<Side, 2> sides;
  std::optional<sql::Expression> deleted;  // of a table's rows
  // A right row belongs to a left one if left time - before ≤ right time ≤ left time + after.
  Duration before, after;
  Duration wait;
  std::optional<Duration> retain;
  Duration lateness;
  std::optional<Duration> idle_timeout;

  SchemaPtr pairs;                                              // the needed columns of the left, then of the right
  std::vector<std::pair<std::string, sql::Expression>> select;  // over `pairs`
  SchemaPtr schema;                                             // of the result; null if there are mistakes
};

/// Whether the declaration is of a join of two streams.
bool joins_streams(const topology::Component& component);
/// Without a schema if anything is wrong, which is reported.
JoinPlan plan_join(const topology::Component& component, const std::vector<topology::Input>& inputs,
                   topology::Diagnostics& diagnostics);

}  // namespace penstock
