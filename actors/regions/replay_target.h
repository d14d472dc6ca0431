// Where a dead letter may be replayed to: the log that its record came from (or never reached), if appending it there again has
// no effect but the one that is missing. Pure: decided from the plan and the letter alone.
//
// From a source: it could not be decoded, so nobody has seen it. From another component: every row of the log must go to that
// component and to nobody else, through nothing but stages that work row by row; then no other has taken the record in.
#pragma once

#include <string>

#include "actors/servers/dead_letter_desk.h"
#include "core/status.h"
#include "messages/schema.h"
#include "topology/plan.h"

namespace penstock {

struct ReplayTarget {
  std::string log;
  SchemaPtr schema;
  uint32_t partitions = 1;
  /// The letter's record is a row of that log; else it is what stages made of one, which the log itself still has.
  bool record_is_row = false;
  bool from_source = false;  // the letter's record is a text that the source could not decode
  /// Only a repaired record: a training reads the whole log again, where the old one stands already.
  bool repaired_only = false;
};

/// Errors: failed_precondition, with the reason and what could be done instead.
Result<ReplayTarget> replay_target(const topology::Plan& plan, const DeadLetter& letter);

}  // namespace penstock
