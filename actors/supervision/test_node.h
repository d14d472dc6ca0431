// A node for the tests of a topology: its regions alone, in memory, one message at a time and always in the same order. The
// caller brings the rows in, steps the store, and turns the clock; timers of actors go by a time of their own, so
// that waiting costs nothing and the clock moves only when told to. The process dies when the node is destroyed: the store
// goes to the next one. One thread.
#pragma once

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/sources/ingest.h"
#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"
#include "core/clock.h"
#include "storage/memory_store.h"
#include "topology/plan.h"

namespace penstock {

class TestNode {
 public:
  /// Starts on what the store holds, which is paused from then on. All arguments outlive the node. Errors: of the store.
  static Result<std::unique_ptr<TestNode>> start(const topology::Plan& plan, MemoryStore& store, const Clock& clock);
  /// Whatever is not committed is gone.
  ~TestNode();

  /// Lets the node work until everything that came in is committed. Errors: failed_precondition, if it does not come to that.
  Status settle();
  /// Lets actors work, without a commit, until none has anything to do.
  void work();
  /// One commit. False: nothing is to be committed.
  bool commit() { return store_.step(); }
  /// The actors of the component's region fail, and are started again as time goes on. With `at_work` as soon as the
  /// component has handled another batch, if it comes to that. Requires: it is a component of a region.
  void crash(const std::string& component, bool at_work);

  /// Takes rows in as a client's request would, as far as the commit, which waits to be stepped. Requires: the request's
  /// source is one of the plan.
  void take(IngestRequest request);

  const Runtime& runtime() const { return *runtime_; }
  /// Restarts that nobody asked for, with their reasons: one line a region.
  std::vector<std::string> failures() const;

 private:
  TestNode(const topology::Plan& plan, MemoryStore& store, const Clock& clock);

  void run_all();
  bool at_rest() const;
  std::string what_waits() const;
  const topology::PlannedRegion* region_of(const std::string& component) const;

  MemoryStore& store_;
  std::unique_ptr<monitoring::Monitor> monitor_;
  std::unique_ptr<Runtime> runtime_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
  caf::actor root_;
  std::map<std::string, std::unique_ptr<Ingest>> ingests_;        // by source
  std::vector<std::shared_ptr<std::vector<caf::actor>>> groups_;  // by region
  std::vector<std::shared_ptr<caf::actor>> supervisors_;
  std::vector<uint64_t> crashes_;  // asked for, by region
};

}  // namespace penstock
