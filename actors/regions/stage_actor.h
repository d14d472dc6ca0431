// The one actor that runs every stage: a chain of fused stages, an aggregator, or the writer of a region's output log.
// Brings its inputs' epochs into step, lets the stages work, routes what they emit, and at an epoch's end reports to the
// reader what is to be committed.
#pragma once

#include <caf/all.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/regions/reader_actor.h"
#include "actors/stages/stage.h"
#include "actors/supervision/runtime.h"
#include "messages/actor_protocol.h"
#include "monitoring/event.h"

namespace penstock {

struct StageActorConfig {
  Runtime* runtime;
  caf::actor supervisor;
  PulsePtr pulse;
  std::shared_ptr<RegionProgress> progress;
  std::function<caf::actor()> reader;  // known only after all stage actors of the region are spawned
  uint32_t worker = 0;                 // of `workers`
  uint32_t workers = 1;
  uint32_t inputs = 1;                  // senders
  std::vector<uint32_t> input_of = {};  // by sender: which of the first component's inputs it belongs to
  std::vector<std::string> logs = {};   // that the region reads, by Origin::input

  struct Step {
    std::string id;  // of the component
    monitoring::Origin origin;
    std::function<Result<StagePtr>()> make;                                // a stateless stage,
    std::function<Result<std::unique_ptr<Aggregator>>()> make_aggregator;  // or an aggregator with this table
    uint64_t memory = 0;  // bytes for the state of all its workers together; 0: as much as the node has
  };
  std::vector<Step> steps;  // none for a log writer
  std::string writes;       // log that everything that comes out is appended to; may be empty
  std::vector<OutEdge> edges;
};

class StageWorker;
struct StageActorState {
  static inline const char* name = "stage";
  std::unique_ptr<StageWorker> worker;
  StageActorState();
  ~StageActorState();
};

caf::behavior stage_actor(caf::stateful_actor<StageActorState>* self, StageActorConfig config);

}  // namespace penstock
