// Runs a source: reads from the outside, appends to the source's log together with the position behind it, one commit at a
// time while the next batch is being read. A refused commit (disk full) is tried again; nothing is skipped.
//
// Status: `running` (history is being read), `live` (it has caught up and takes in what comes), `paused` (a budget
// is used up; it goes on when there is room), `retrying` (the outside cannot be reached), `finished`. Takes WakeMessage, CommittedMessage,
// TickMessage, StopMessage. Fails when the source does.
#pragma once

#include <caf/all.hpp>
#include <functional>
#include <memory>
#include <string>

#include "actors/sources/source.h"
#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"
#include "messages/actor_protocol.h"

namespace penstock {

/// The table with each source's position, by component id.
inline constexpr const char* kSourcePositions = "source_positions";

class SourceWorker;
struct SourceActorState {
  static inline const char* name = "source";
  std::unique_ptr<SourceWorker> worker;
  SourceActorState();
  ~SourceActorState();
};

/// Whether an actor brings the source's records in; to one of type `http` clients send them.
bool reads_by_itself(const topology::Plan& plan, const std::string& source);

Supervised supervised_source(Runtime* runtime, const std::string& id);

}  // namespace penstock
