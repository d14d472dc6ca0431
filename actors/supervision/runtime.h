// What every actor of a node works with. Owned by the node, outlives all actors.
#pragma once

#include "actors/aggregators/view_registry.h"
#include "actors/regions/batch_cache.h"
#include "actors/regions/freshness.h"
#include "actors/regions/isolation.h"
#include "actors/regions/taps.h"
#include "actors/regions/traces.h"
#include "actors/regions/trial_turns.h"
#include "actors/regions/turn_desk.h"
#include "actors/supervision/give_up.h"
#include "actors/supervision/memory_budget.h"
#include "actors/supervision/pulse.h"
#include "actors/supervision/restart_policy.h"
#include "actors/supervision/status_board.h"
#include "actors/supervision/supervision_board.h"
#include "core/clock.h"
#include "core/status.h"
#include "core/units.h"
#include "monitoring/event.h"
#include "storage/store.h"
#include "topology/plan.h"

namespace penstock {

struct RuntimeOptions {
  std::string version;     // of Penstock, for the status
  std::string backup_dir;  // where backups may be written; empty: nowhere
  Duration epoch_interval{50'000};
  Bytes epoch_bytes{8u << 20};
  Bytes in_flight_bytes{64u << 20};
  uint32_t in_flight_epochs = 4;
  Bytes source_read_bytes{1u << 20};  // outside data that a source reads at once
  RestartLimits restart;
  IsolationLimits isolation = {};
  Duration poll_interval{20'000};  // of a source that has nothing at the moment
  int training_threads = 1;
  uint64_t seed = 42;
  Bytes memory_budget{0};        // for all parts together; 0: none
  Duration stall_timeout{0};     // with one message, before a worker counts as hanging; 0: nobody looks
  TraceRule trace = {};          // which records are followed from ingest to answer
  GiveUp give_up = end_process;  // when only a new process helps
  bool detached = true;          // give actors that wait or compute for long a thread of their own; off in simulation
};

struct Runtime {
  const topology::Plan& plan;
  Store& store;
  const Clock& clock;
  monitoring::Monitor& monitor;
  RuntimeOptions options;
  StatusBoard board;
  ViewRegistry views;
  BatchCache cache{64u << 20};
  Freshness freshness = {};
  TrialTurns trial_turns = {};
  SupervisionBoard tree = {};
  TurnDesk turns = {};
  Taps taps = {};
  Pulses pulses = {};
  std::atomic<int64_t> watched =
      0;  // monotonic ns at which the watchdog last found nothing that hangs; 0: something does
  MemoryBudget memory{options.memory_budget.count};
  std::string store_id = {};  // see store_id.h
  Traces traces{options.trace};
};

/// A region on the status board; it is named after a component that stands there too.
inline std::string region_status_id(const std::string& region) { return "region:" + region; }

/// Opens the plan's logs and makes its components and views known. Called once, before any actor. Errors: of the store.
Status prepare(Runtime& runtime);

}  // namespace penstock
