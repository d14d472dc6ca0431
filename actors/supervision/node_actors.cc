#include "actors/supervision/node_actors.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

#include "actors/regions/region.h"
#include "actors/sinks/sink_actor.h"
#include "actors/sources/ingest_janitor_actor.h"
#include "actors/sources/source_actor.h"
#include "actors/supervision/node_supervisor_actor.h"
#include "actors/supervision/office_actor.h"
#include "actors/trainers/trainer_actor.h"
#include "messages/actor_protocol.h"

namespace penstock {
namespace {

constexpr auto kExpireEvery = std::chrono::milliseconds(50);

// Ends waits for freshness whose region does not keep up.
caf::behavior expiry_actor(caf::event_based_actor* self, Runtime* runtime, const caf::actor& supervisor) {
  self->delayed_send(self, kExpireEvery, TickMessage{0});
  self->send(supervisor, StartedMessage{});
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
    const auto me = caf::actor_cast<caf::actor>(supervisor);
    if (runtime->options.detached)  // stages that keep every shared thread busy must not keep clients waiting
      return std::vector<caf::actor>{supervisor->spawn<caf::detached>(expiry_actor, runtime, me)};
    return std::vector<caf::actor>{supervisor->spawn(expiry_actor, runtime, me)};
  };
  return supervised;
}

// Everything that runs, in flow order.
std::vector<Supervised> parts_of(Runtime* runtime, const std::vector<std::unique_ptr<ModelServer>>& models,
                                 ModelOffice* office, std::vector<Ingest*> ingests, std::vector<Supervised> more) {
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
  if (!models.empty())
    parts.push_back(supervised_office(runtime, "models", "keeper", [office] { office->work(); }));
  parts.push_back(supervised_expiry(runtime));
  parts.push_back(supervised_ingest_janitor(runtime, std::move(ingests)));
  std::move(more.begin(), more.end(), std::back_inserter(parts));
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

NodeActors::~NodeActors() {
  if (watchdog_)
    watchdog_->stop_pinging();
  root_ = nullptr;
  system_.reset();
}

void NodeActors::start(const std::vector<std::unique_ptr<ModelServer>>& models, ModelOffice* office,
                       std::vector<Ingest*> ingests, std::vector<Supervised> more) {
  root_ = system_->spawn(node_supervisor_actor, runtime_,
                         parts_of(runtime_, models, office, std::move(ingests), std::move(more)));
  if (runtime_->options.stall_timeout.micros > 0)
    watchdog_ = std::make_unique<Watchdog>(
        runtime_, [root = root_](const PulsePtr& pulse) { caf::anon_send(root, PingMessage{pulse}); });
}

void NodeActors::train(const std::string& model) { caf::anon_send(root_, TrainMessage{model}); }

void NodeActors::stop(Duration grace) {
  if (!root_)
    return;
  if (watchdog_)
    watchdog_->stop_pinging();
  caf::scoped_actor self(*system_);
  self->monitor(root_);
  self->send(root_, StopMessage{});
  bool gone = false;
  const auto wait = [&](std::chrono::milliseconds patience) {
    if (!gone)
      self->receive([&](const caf::down_msg&) { gone = true; }, caf::after(patience) >> [] {});
  };
  wait(std::chrono::milliseconds(grace.millis()));
  caf::anon_send_exit(root_, caf::exit_reason::user_shutdown);
  wait(std::chrono::seconds(1));
  runtime_->freshness.expire(INT64_MAX);
  root_ = nullptr;
}

}  // namespace penstock
