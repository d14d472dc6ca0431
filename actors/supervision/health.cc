#include "actors/supervision/health.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr int64_t kLooksAtLeastEvery = 5'000'000'000;  // ns; the watchdog does about once a second

std::string hangs(const Pulse& pulse) {
  const bool waits = pulse.busy_since == 0 && pulse.commit_since != 0;
  return pulse.worker + (waits ? " waits for the store" : " is still with one message") + " after the stall timeout";
}

SupervisionStatus* find(std::vector<SupervisionStatus>& children, const std::string& id) {
  const auto found =
      std::find_if(children.begin(), children.end(), [&](const SupervisionStatus& child) { return child.id == id; });
  return found == children.end() ? nullptr : &*found;
}

SupervisionStatus server(const ComponentStatus& component) {
  SupervisionStatus status;
  status.id = component.id;
  status.kind = "server";
  status.state = component.state;
  return status;
}

}  // namespace

SupervisionStatus supervision_tree(const Runtime& runtime) {
  SupervisionStatus root = runtime.tree.tree();
  const int64_t now = runtime.clock.monotonic_nanos();
  for (const PulsePtr& pulse : runtime.pulses.all()) {
    SupervisionStatus* part = pulse->part == kNodePart ? &root : find(root.children, pulse->part);
    if (part == nullptr)
      continue;
    SupervisionStatus* worker = part == &root ? &root : find(part->children, pulse->worker);
    if (pulse->stalled)
      part->state = "stalled";
    if (worker == nullptr || worker == &root)
      continue;
    if (pulse->stalled)
      worker->state = "stalled";
    const int64_t since = pulse->busy_since;
    worker->busy_seconds = since == 0 ? 0 : static_cast<double>(now - since) * 1e-9;
  }
  for (const std::string& id : runtime.plan.servers)
    root.children.push_back(server(runtime.board.get(id)));
  return root;
}

void mark_stalled(const Runtime& runtime, std::vector<ComponentStatus>& components) {
  for (const PulsePtr& pulse : runtime.pulses.all()) {
    if (!pulse->stalled)
      continue;
    for (ComponentStatus& component : components) {
      if (component.id != pulse->part && component.id != pulse->origin.id)
        continue;
      component.state = "stalled";
      component.message = hangs(*pulse);
    }
  }
}

bool is_alive(const Runtime& runtime) {
  if (runtime.options.stall_timeout.micros == 0)
    return true;
  const int64_t watched = runtime.watched;
  return watched != 0 && runtime.clock.monotonic_nanos() - watched < kLooksAtLeastEvery;
}

bool has_come_up(const Runtime& runtime) {
  const SupervisionStatus root = runtime.tree.tree();
  return !root.children.empty() &&
         std::all_of(root.children.begin(), root.children.end(), [&](const SupervisionStatus& part) {
           return runtime.tree.has_run(part.id) || (part.kind != "region" && part.state == "failing");
         });
}

}  // namespace penstock
