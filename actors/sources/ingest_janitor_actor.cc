#include "actors/sources/ingest_janitor_actor.h"

#include <caf/all.hpp>
#include <chrono>

#include "messages/actor_protocol.h"

namespace penstock {
namespace {

constexpr auto kEvery = std::chrono::seconds(1);
constexpr size_t kMostKeys = 10'000;  // in one commit, so that others come in between

// A store that refuses the commit is tried again: what was not forgotten takes up room, and no more.
bool forget_some(const Runtime& runtime, const std::vector<Ingest*>& ingests) {
  bool more = false;
  for (Ingest* ingest : ingests) {
    const auto forgotten = ingest->forget(runtime.clock.now(), kMostKeys);
    more |= forgotten.ok() && *forgotten >= kMostKeys;
  }
  return more;
}

caf::behavior janitor_actor(caf::event_based_actor* self, Runtime* runtime, const std::vector<Ingest*>& ingests,
                            const caf::actor& supervisor) {
  self->send(supervisor, StartedMessage{});
  self->delayed_send(self, kEvery, TickMessage{0});
  return {
      [=](TickMessage tick) {
        if (forget_some(*runtime, ingests))
          self->send(self, tick);
        else
          self->delayed_send(self, kEvery, tick);
      },
      [=](StopMessage) { self->quit(); },
  };
}

}  // namespace

Supervised supervised_ingest_janitor(Runtime* runtime, std::vector<Ingest*> ingests) {
  Supervised supervised;
  supervised.origin = {"ingest", "service", "janitor"};
  supervised.components = {"ingest"};
  supervised.workers = {"janitor"};
  supervised.start = [=](caf::event_based_actor* supervisor, const LastFailure&) {
    const auto me = caf::actor_cast<caf::actor>(supervisor);
    return std::vector<caf::actor>{supervisor->spawn<caf::detached>(janitor_actor, runtime, ingests, me)};
  };
  return supervised;
}

}  // namespace penstock
