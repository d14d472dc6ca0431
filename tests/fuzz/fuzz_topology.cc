// Topology files: any text. What the checker accepts can be planned, shown and made.
#include <algorithm>

#include "tests/fuzz/targets.h"
#include "tests/fuzz/topology_input.h"

namespace penstock::fuzz {

void fuzz_topology(std::string_view text) {
  if (std::count(text.begin(), text.end(), '*') > 3)
    return;  // patterns for files that would walk through the whole disk
  check_topology(text);
}

}  // namespace penstock::fuzz
