// Cuts events into what a model may learn from and what it has to foretell. Plain functions of their input.
//
// Every protocol first sums repeated events of the same user with the same item to one interaction, by default counts
// each as 1 (binarise), and drops users with fewer interactions than asked for. Items keep their numbers, so that
// "smaller item number first" means the same in every part; items that nobody has in training stay in the catalogue.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"
#include "models/events.h"
#include "models/interactions.h"

namespace penstock {

enum class Protocol {
  kLeaveLastOut,  // llo: each user's newest interaction is held out, of equal times that with the largest item number
  kR80,           // r80: an interaction is held out when a hash of (user id, item id), as a fraction of 1, is below 0.2
  kTemporal,  // temporal: the newest fifth of all interactions is held out (by first event; equal times: by user, item)
};

/// Errors: invalid_argument with the known names.
Result<Protocol> parse_protocol(std::string_view name);
std::string_view protocol_name(Protocol protocol);
/// One sentence for the report.
std::string_view protocol_definition(Protocol protocol);

struct SplitOptions {
  Protocol protocol = Protocol::kTemporal;
  bool binarise = true;
  size_t least_interactions = 5;  // of a user
  double held_out_share = 0.2;    // of the interactions, in protocol temporal
  /// Choosing among models by what is held out would flatter the one that is chosen. So what the protocol holds out is
  /// left out, and it is applied again to the rest (r80: with a second hash).
  bool validation = false;
  SumOptions sums = {};  // of the training part; with binarise, its times are those of the first event
};

struct SplitData {
  Protocol protocol = Protocol::kTemporal;
  Interactions train;  // users kept × all items; rows and columns may be empty
  std::vector<std::vector<int32_t>>
      held_out;                        // by user: items to foretell, ascending, none of them in the user's training
  size_t dropped_users = 0;            // had too few interactions
  Timestamp held_out_from{INT64_MAX};  // of the oldest interaction held out, in protocol temporal
};

/// Errors: invalid_argument if nothing is left to learn from or to foretell.
Result<SplitData> split(EventLog log, const SplitOptions& options);

/// The hash fraction of protocol r80: splitmix64(user << 32 | item) for decimal ids below 2^32, its upper 53 bits as a
/// fraction of 1. Any other id counts as the lower 32 bits of its FNV-1a hash.
double r80_fraction(std::string_view user, std::string_view item);

}  // namespace penstock
