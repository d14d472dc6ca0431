#include "actors/supervision/office_actor.h"

#include <chrono>

#include "actors/supervision/failure.h"
#include "messages/actor_protocol.h"

namespace penstock {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(50);

caf::behavior office_actor(caf::event_based_actor* self, const std::function<void()>& work,
                           const caf::actor& supervisor) {
  fail_on_exceptions(self);
  self->delayed_send(self, kLookEvery, TickMessage{0});
  self->send(supervisor, StartedMessage{});
  return {
      [=](TickMessage tick) {
        work();
        self->delayed_send(self, kLookEvery, tick);
      },
      [=](StopMessage) { self->quit(); },
  };
}

}  // namespace

Supervised supervised_office(Runtime* runtime, const std::string& name, const std::string& worker,
                             std::function<void()> work) {
  Supervised supervised;
  supervised.origin = {name, "service", name};
  supervised.components = {name};
  supervised.workers = {worker};
  supervised.start = [runtime, work = std::move(work)](caf::event_based_actor* supervisor, const LastFailure&) {
    const auto me = caf::actor_cast<caf::actor>(supervisor);
    if (runtime->options.detached)
      return std::vector<caf::actor>{supervisor->spawn<caf::detached>(office_actor, work, me)};
    return std::vector<caf::actor>{supervisor->spawn(office_actor, work, me)};
  };
  return supervised;
}

}  // namespace penstock
