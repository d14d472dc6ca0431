#include "actors/jobs/job_manager_actor.h"

#include <chrono>

#include "actors/supervision/failure.h"
#include "messages/actor_protocol.h"

namespace penstock {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(50);

caf::behavior job_manager_actor(caf::event_based_actor* self, JobOffice* office, const caf::actor& supervisor) {
  fail_on_exceptions(self);
  self->delayed_send(self, kLookEvery, TickMessage{0});
  self->send(supervisor, StartedMessage{});
  return {
      [=](TickMessage tick) {
        office->work();
        self->delayed_send(self, kLookEvery, tick);
      },
      [=](StopMessage) { self->quit(); },
  };
}

}  // namespace

Supervised supervised_job_manager(Runtime* runtime, JobOffice* office) {
  Supervised supervised;
  supervised.origin = {"jobs", "service", "jobs"};
  supervised.components = {"jobs"};
  supervised.workers = {"manager"};
  supervised.start = [=](caf::event_based_actor* supervisor, const LastFailure&) {
    const auto me = caf::actor_cast<caf::actor>(supervisor);
    if (runtime->options.detached)
      return std::vector<caf::actor>{supervisor->spawn<caf::detached>(job_manager_actor, office, me)};
    return std::vector<caf::actor>{supervisor->spawn(job_manager_actor, office, me)};
  };
  return supervised;
}

}  // namespace penstock
