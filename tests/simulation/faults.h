// What goes wrong in a simulated run: how likely each kind of fault is, and how often it happened. Plain values.
#pragma once

#include <cstdint>
#include <string>

namespace penstock::simulation {

/// Chances of each fault before a step.
struct FaultRates {
  double actor_crash = 0;
  double refused_commit = 0;
  double early_timer = 0;       // a timer fires while there is other work
  double handler_failure = 0;   // whenever a source reads, a stage handles a batch, or a sink writes or syncs
  double receiver_failure = 0;  // whenever a sink sends something to a receiver
};

/// How often what happened.
struct FaultCounts {
  uint64_t steps = 0;
  uint64_t commits = 0;
  uint64_t actor_crashes = 0;
  uint64_t refused_commits = 0;
  uint64_t lost_commits = 0;  // asked for, and never made because the process died
  uint64_t early_timers = 0;
  uint64_t restarts = 0;  // of regions, sources and sinks by their supervisors
  uint64_t process_deaths = 0;
  uint64_t clean_stops = 0;
  uint64_t torn_files = 0;         // files of sinks that lost or gained a tail at a death
  uint64_t set_aside = 0;          // records of which a part had failed again and again
  uint64_t requests = 0;           // of clients
  uint64_t repeated_requests = 0;  // of them, sent again although they were under way or answered
  uint64_t lost_answers = 0;       // deliveries that were taken outside, of which the sink was not told
  uint64_t receiver_refusals = 0;  // deliveries that were not taken
  uint64_t records = 0;            // that the logs held at the end

  FaultCounts& operator+=(const FaultCounts& other);
  std::string to_string() const;
};

}  // namespace penstock::simulation
