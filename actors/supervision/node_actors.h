// The actor system of a node and everything in it, with its order of starting and stopping.
#pragma once

#include <caf/all.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/servers/model_server.h"
#include "actors/sources/ingest.h"
#include "actors/supervision/runtime.h"
#include "core/units.h"

namespace penstock {

class NodeActors {
 public:
  explicit NodeActors(Runtime* runtime);
  ~NodeActors();

  /// `models` and `ingests` outlive the actors.
  void start(const std::vector<std::unique_ptr<ModelServer>>& models, std::vector<Ingest*> ingests);
  /// Sources first, then regions, sinks and trainers; each finishes what it began. What is not done by `grace` is ended.
  void stop(Duration grace);
  /// Requires: ModelServer::begin_training() said yes.
  void train(const std::string& model);

 private:
  void stop_all(const std::vector<caf::actor>& actors, std::chrono::steady_clock::time_point deadline);

  Runtime* runtime_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<caf::actor> sources_, regions_, sinks_;
  std::map<std::string, caf::actor> trainers_;
  caf::actor expiry_;
};

}  // namespace penstock
