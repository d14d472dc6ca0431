#include "actors/supervision/node_actors.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "actors/regions/region.h"
#include "actors/sinks/sink_actor.h"
#include "actors/sources/ingest_janitor_actor.h"
#include "actors/sources/source_actor.h"
#include "actors/supervision/supervisor_actor.h"
#include "actors/trainers/trainer_actor.h"
#include "messages/actor_protocol.h"

namespace penstock {
namespace {

constexpr auto kExpireEvery = std::chrono::milliseconds(50);

// Ends waits for freshness whose region does not keep up.
caf::behavior expiry_actor(caf::event_based_actor* self, Runtime* runtime) {
  self->delayed_send(self, kExpireEvery, TickMessage{0});
  return {
      [=](TickMessage tick) {
        runtime->freshness.expire(runtime->clock.monotonic_nanos());
        self->delayed_send(self, kExpireEvery, tick);
      },
      [=](StopMessage) { self->quit(); },
  };
}

Supervised supervised_expiry(Runtime* runtime) {
  Supervised supervised;
  supervised.origin = {"freshness", "service", "freshness"};
  supervised.components = {"freshness"};
  supervised.workers = {"expiry"};
  supervised.start = [=](caf::event_based_actor* supervisor, const LastFailure&) {
    return std::vector<caf::actor>{supervisor->spawn(expiry_actor, runtime, caf::actor_cast<caf::actor>(supervisor))};
  };
  return supervised;
}

// Everything that runs, in flow order.
std::vector<Supervised> parts_of(Runtime* runtime, const std::vector<std::unique_ptr<ModelServer>>& models,
                                 std::vector<Ingest*> ingests) {
  std::vector<Supervised> parts;
  for (const std::string& source : runtime->plan.sources)
    if (reads_by_itself(runtime->plan, source))
      parts.push_back(supervised_source(runtime, source));
  for (const topology::PlannedRegion& region : runtime->plan.regions)
    parts.push_back(supervised_region(runtime, region));
  for (const std::string& sink : runtime->plan.sinks)
    parts.push_back(supervised_sink(runtime, sink));
  for (const auto& model : models)
    parts.push_back(supervised_trainer(runtime, model.get()));
  parts.push_back(supervised_expiry(runtime));
  parts.push_back(supervised_ingest_janitor(runtime, std::move(ingests)));
  return parts;
}

}  // namespace

NodeActors::NodeActors(Runtime* runtime) : runtime_(runtime) {
  // Work stealing costs milliseconds after idle gaps; sharing does not.
  config_.set("scheduler.policy", caf::atom("sharing"));
  config_.set("scheduler.max-threads", std::max<size_t>(2, std::thread::hardware_concurrency()));
  config_.set("logger.console-verbosity", caf::atom("quiet"));
  system_ = std::make_unique<caf::actor_system>(config_);
}

NodeActors::~NodeActors() = default;

void NodeActors::start(const std::vector<std::unique_ptr<ModelServer>>& models, std::vector<Ingest*> ingests) {
  root_ = system_->spawn(node_supervisor_actor, runtime_, parts_of(runtime_, models, std::move(ingests)));
  if (runtime_->options.stall_timeout.micros > 0)
    watchdog_ = std::make_unique<Watchdog>(
        runtime_, [root = root_](const PulsePtr& pulse) { caf::anon_send(root, PingMessage{pulse}); });
}

void NodeActors::train(const std::string& model) { caf::anon_send(trainers_.at(model), TrainMessage{}); }

void NodeActors::stop(Duration grace) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(grace.micros);
  std::vector<caf::actor> trainers;
  for (const auto& [model, trainer] : trainers_)
    trainers.push_back(trainer);
  stop_all(sources_, deadline);
  stop_all(regions_, deadline);
  stop_all(sinks_, deadline);
  stop_all(trainers, deadline);
  stop_all({expiry_}, deadline);
  runtime_->freshness.expire(INT64_MAX);
  trainers_.clear();
  for (auto* group : {&sources_, &regions_, &sinks_})
    group->clear();
}

void NodeActors::stop_all(const std::vector<caf::actor>& actors, std::chrono::steady_clock::time_point deadline) {
  caf::scoped_actor self(*system_);
  size_t alive = actors.size();
  for (const caf::actor& actor : actors) {
    self->monitor(actor);
    self->send(actor, StopMessage{});
  }
  const auto wait = [&](std::chrono::steady_clock::time_point until) {
    while (alive > 0) {
      const auto left = std::max(until - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration{0});
      bool timed_out = false;
      self->receive(
          [&](const caf::down_msg&) { --alive; },
          caf::after(std::chrono::duration_cast<std::chrono::milliseconds>(left)) >> [&] { timed_out = true; });
      if (timed_out)
        return;
    }
  };
  wait(deadline);
  for (const caf::actor& actor : actors)
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  wait(std::chrono::steady_clock::now() + std::chrono::seconds(1));
}

}  // namespace penstock
