// Runs a sink: reads its log from the committed offset, writes, makes it safe outside, and only then commits the offset
// together with the sink's own position. Takes WakeMessage, CommittedMessage, TickMessage, StopMessage; fails when the
// sink or the log does, and is then restarted from what is committed.
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
