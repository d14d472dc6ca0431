// The actor system of a node: the supervision tree in it, and the watchdog beside it.
#pragma once

#include <caf/all.hpp>
#include <memory>
#include <string>
#include <vector>

#include "actors/servers/model_server.h"
#include "actors/sources/ingest.h"
#include "actors/supervision/model_office.h"
#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"
#include "actors/supervision/watchdog.h"
#include "core/units.h"

namespace penstock {

class NodeActors {
 public:
  explicit NodeActors(Runtime* runtime);
  ~NodeActors();

  /// `models`, `office` and `ingests` outlive the actors. `more`: parts that run besides.
  void start(const std::vector<std::unique_ptr<ModelServer>>& models, ModelOffice* office, std::vector<Ingest*> ingests,
             std::vector<Supervised> more);
  /// Sources first, then regions, sinks and trainers; each finishes what it began. What is not done by `grace` is ended.
  void stop(Duration grace);
  /// Requires: ModelServer::begin_training() said yes.
  void train(const std::string& model);

 private:
  Runtime* runtime_;
  caf::actor_system_config config_;
  std::unique_ptr<Watchdog> watchdog_;  // outlives the system: stopping may hang too
  std::unique_ptr<caf::actor_system> system_;
  caf::actor root_;
};

}  // namespace penstock
