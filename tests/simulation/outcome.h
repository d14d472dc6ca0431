// What a run leaves behind, in a form in which two runs of the same topology and input can be compared. What the design
// leaves open is taken out: which of two independent rows came first in a log that several workers or partitions feed, how
// many intermediate versions of a view's row were written, times of handling.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "actors/supervision/runtime.h"

namespace penstock::simulation {

/// Lines by section. A section is
///   table ID      every entry, in bytes (the items of a user's history by name, since the order of first contact depends
///                 on which partition was read first)
///   view ID       the rows as servers read them from memory; those of a sort in order
///   log ID        the rows; in order if one partition is read by one worker all the way, else sorted; of changes of a
///                 view, the last row of each key
///   delivered ID  `as in the log` if a sink's file holds just the rows of its log, in the log's order where there is one
///                 partition, or a receiver has taken them all but those it refuses; else the rows
///   dead letters  stage, reason and record, sorted; of what was set aside after failures only the record, since the reason
///                 is whatever ended its handler last
///   unread        what a region or sink has not taken from its logs
using Outcome = std::map<std::string, std::vector<std::string>>;

/// Requires: the node of `runtime` has come to rest. `store`: what it keeps everything in. `folder`: of the topology.
Outcome outcome_of(const Runtime& runtime, const Store& store, const std::string& folder);

/// The first section and line in which they differ, and which other sections do; empty if none does.
std::string first_difference(const Outcome& expected, const Outcome& actual);
/// Every line that one of them has more often: `- section: line` if it is missing, `+ section: line` if it is too many.
std::string all_differences(const Outcome& expected, const Outcome& actual);

}  // namespace penstock::simulation
