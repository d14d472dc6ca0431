// What a node's memory went to, for its status and its metrics. Thread safe.
#pragma once

#include <mutex>
#include <set>
#include <string>

#include "actors/servers/node.h"
#include "actors/supervision/memory_budget.h"
#include "monitoring/event.h"
#include "storage/store.h"

namespace penstock {

class MemoryReport {
 public:
  /// All outlive it.
  MemoryReport(MemoryBudget& memory, const Store& store, monitoring::Monitor& monitor)
      : memory_(memory), store_(store), monitor_(monitor) {}

  /// Also accounts for what the store holds, which tells nobody by itself: to be called now and then.
  MemoryStatus status();
  /// Tells monitoring.
  void tell();

 private:
  MemoryBudget& memory_;
  const Store& store_;
  monitoring::Monitor& monitor_;
  std::mutex mutex_;
  std::set<std::string> told_;  // parts that have been told of: once they are gone they hold nothing
};

}  // namespace penstock
