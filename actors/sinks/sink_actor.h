// Runs a sink: reads its log from the committed offset, writes, makes it safe outside, and only then commits the offset
// together with the sink's own position.
//
// What the outside cannot take at present is tried again after growing pauses, from what is committed. What it refuses for
// good, and what makes the sink or the process die again and again, is searched for the records to blame
// (regions/attempts.h); those go to the dead letters, the rest is delivered.
//
// Takes WakeMessage, CommittedMessage, TickMessage, StopMessage. Fails when the log does or the sink cannot go on, and is
// then restarted from what is committed. Status: `running`, `retrying`, `isolating`.
#pragma once

#include <caf/all.hpp>
#include <memory>
#include <string>

#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"

namespace penstock {

/// The table with each sink's position, by component id.
inline constexpr const char* kSinkPositions = "sink_positions";

class SinkWorker;
struct SinkActorState {
  static inline const char* name = "sink";
  std::unique_ptr<SinkWorker> worker;
  SinkActorState();
  ~SinkActorState();
};

Supervised supervised_sink(Runtime* runtime, const std::string& id);

}  // namespace penstock
