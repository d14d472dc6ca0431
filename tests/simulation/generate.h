// Generates small topologies with their input: whatever components can be joined in a valid way, chosen by a number. The
// same number gives the same topology and input for ever. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/events.h"

namespace penstock::simulation {

struct Generated {
  /// The topology. `{WORKERS}` stands where a number of workers is to be put; inputs are read from `in/`, sinks write into
  /// `out/`, both in the topology's folder.
  std::string text;
  std::map<std::string, std::string> inputs;  // content by name of the file
  std::vector<Request> requests;              // for sources that take records in
};

Generated generate(uint64_t number);

}  // namespace penstock::simulation
