#include "actors/supervision/node_actors.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "actors/regions/region.h"
#include "actors/sinks/sink_actor.h"
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

}  // namespace

NodeActors::NodeActors(Runtime* runtime) : runtime_(runtime) {
  // Work stealing costs milliseconds after idle gaps; sharing does not.
  config_.set("scheduler.policy", caf::atom("sharing"));
  config_.set("scheduler.max-threads", std::max<size_t>(2, std::thread::hardware_concurrency()));
  config_.set("logger.console-verbosity", caf::atom("quiet"));
  system_ = std::make_unique<caf::actor_system>(config_);
}

NodeActors::~NodeActors() = default;

void NodeActors::start(const std::vector<std::unique_ptr<ModelServer>>& models) {
  // Consumers first, so that every region stands before its input begins to flow.
  for (const topology::PlannedRegion& region : runtime_->plan.regions)
    regions_.push_back(system_->spawn(supervisor_actor, runtime_, supervised_region(runtime_, region)));
  for (const std::string& sink : runtime_->plan.sinks)
    sinks_.push_back(system_->spawn(supervisor_actor, runtime_, supervised_sink(runtime_, sink)));
  for (const std::string& source : runtime_->plan.sources)
    sources_.push_back(system_->spawn(supervisor_actor, runtime_, supervised_source(runtime_, source)));
  expiry_ = system_->spawn(expiry_actor, runtime_);
  for (const auto& model : models)
    trainers_[model->id()] = system_->spawn<caf::detached>(trainer_actor, runtime_, model.get());
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
