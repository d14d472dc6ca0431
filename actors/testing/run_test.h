// Runs the tests of a topology: each on a fresh node in memory, with the regions of the real plan. One thread.
#pragma once

#include <string>
#include <vector>

#include "actors/testing/match_rows.h"
#include "core/status.h"
#include "topology/plan.h"
#include "topology/tests.h"

namespace penstock {

/// The plan for these tests: that of the topology, with a log for every stage whose rows a test expects.
topology::Plan make_test_plan(topology::CheckedTopology topology, const std::vector<topology::Test>& tests);

struct TestResult {
  std::vector<std::pair<std::string, TestDifference>> differences;  // with the name of what differs; empty: it passed
};

/// Requires: the plan was made for this test. Errors: the node cannot run at all.
Result<TestResult> run_test(const topology::Plan& plan, const topology::Test& test);

}  // namespace penstock
