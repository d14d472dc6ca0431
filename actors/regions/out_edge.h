// An edge as its sender sees it, and what it sends down it: rows to the workers that they belong to, epoch markers to all,
// with how far event time has come where the receivers go by it.
#pragma once

#include <caf/all.hpp>
#include <optional>
#include <string>
#include <vector>

#include "actors/regions/event_clock.h"
#include "actors/regions/router.h"
#include "actors/supervision/pulse.h"
#include "messages/actor_protocol.h"

namespace penstock {

struct OutEdge {
  std::string from_log;  // the log it carries; empty inside a region
  std::string output;    // which output of its sender it carries; empty: the main one
  Router router;
  uint32_t input;  // the sender's number among the inputs of every target worker
  std::vector<caf::actor> targets;
  std::vector<PulsePtr> pulses;     // theirs
  std::optional<EventClock> clock;  // of an edge whose receivers go by event time

  void send(caf::event_based_actor* self, const BatchPtr& batch) {
    const EventProgressPtr before = clock ? clock->progress() : nullptr;
    if (clock)
      clock->observe(*batch);
    for (auto& [worker, part] : router.split(batch)) {
      pulses[worker]->arrive(part->memory());
      self->send(targets[worker], BatchMessage{input, std::move(part), before});
    }
  }
  void end_epoch(caf::event_based_actor* self, Epoch epoch, const RegionTurnPtr& turn) {
    for (const caf::actor& target : targets)
      self->send(target, MarkerMessage{input, epoch, clock ? clock->progress() : nullptr, turn});
  }
};

}  // namespace penstock
