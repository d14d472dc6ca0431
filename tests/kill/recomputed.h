// What the loop asks of the node about the view `per_user`, which jobs make anew: to reconcile it with history, and to run
// a job to its end.
#pragma once

#include <cstdint>
#include <string>

#include "tests/kill/scene.h"

namespace penstock::kill {

struct Reconciled {
  std::string problem;  // empty: view and history agree, and cover every stored order
  uint64_t number = 0;  // of the batch run: as many were begun for the view so far
};
/// Requires: nobody posts orders meanwhile.
Reconciled reconcile(test::RunningNode& node, const Stored& stored);

/// Begins a run of the job, once no other is under way, and waits for its end. Empty if it succeeded.
std::string run_job(test::RunningNode& node, const std::string& job);

}  // namespace penstock::kill
