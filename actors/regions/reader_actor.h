// The head of a region: reads the region's logs from its committed offsets, sends batches and epoch markers down the
// edges, collects what every worker did in an epoch, and commits that together with the offsets. Bounds the input that is
// read and not yet committed, so that nothing inside a region can pile up.
//
// Takes WakeMessage (a log has grown), EpochPartMessage, CommittedMessage, TickMessage, StopMessage (commit what is under
// way and quit). Nothing is handed on before an attempt at it is on record; input that keeps failing is searched for the record to
// blame (attempts.h). Fails, and with it the region, when a log cannot be read or a commit is refused.
#pragma once

#include <caf/all.hpp>
#include <memory>
#include <string>
#include <vector>

#include "actors/regions/attempts.h"
#include "actors/regions/out_edge.h"
#include "actors/regions/region_progress.h"
#include "actors/supervision/runtime.h"
#include "messages/actor_protocol.h"
#include "monitoring/event.h"

namespace penstock {

struct ReaderConfig {
  Runtime* runtime;
  caf::actor supervisor;
  std::string region;
  struct Input {
    std::string log;
    SchemaPtr schema;
  };
  std::vector<Input> inputs;
  std::vector<OutEdge> edges;
  size_t workers;  // of the whole region: parts that make an epoch complete
  std::shared_ptr<RegionProgress> progress;
  LastFailure last_failure = {};
  bool timed = false;  // something in the region may fall due as the clock goes on
};

class Reader;
struct ReaderState {
  static inline const char* name = "reader";
  std::unique_ptr<Reader> reader;
  ReaderState();
  ~ReaderState();
};

caf::behavior reader_actor(caf::stateful_actor<ReaderState>* self, ReaderConfig config);

}  // namespace penstock
