// What a plan is expected to need at a given size of the world, in memory and on disk, against its budgets. Pure; the figures
// are estimates: within a factor of two of what is measured (tests/components/expected_bytes_test.cc).
#pragma once

#include <string>
#include <vector>

#include "topology/component_type.h"
#include "topology/expected.h"
#include "topology/plan.h"

namespace penstock::topology {

struct ExpectedPart {
  std::string component;
  Expected expected;
  uint64_t limit = 0;    // its declared `memory`; 0: none
  bool guessed = false;  // nothing tells how many keys there are
};

struct ExpectedLog {
  std::string log;
  double bytes_a_row = 0;
  std::optional<double> bytes_a_day = {};  // where the rate is given
  std::optional<double> bytes_kept = {};   // where a retention is declared
};

struct Expectation {
  Scale scale;
  std::vector<ExpectedPart> parts;
  std::vector<ExpectedLog> logs;
  double in_flight = 0;        // of all regions
  double state = 0;            // of all parts: what is held in memory, limits heeded
  double batch_cache = 0;      // at most
  double other_memory = 0;     // snapshots, items
  double training = 0;         // the largest
  double tables = 0;           // on disk
  uint64_t memory_budget = 0;  // 0: not known
  uint64_t disk_budget = 0;

  /// Without what can be left on disk.
  double least_memory() const { return in_flight + batch_cache + other_memory + training; }
  double memory() const { return least_memory() + state; }
};

/// `memory_budget`: of the node; 0: not known.
Expectation expect(const Plan& plan, const Catalogue& catalogue, const Scale& scale, uint64_t memory_budget,
                   uint64_t disk_budget);

std::string explain_expected(const Expectation& expectation);
std::string explain_expected_json(const Expectation& expectation);

}  // namespace penstock::topology
