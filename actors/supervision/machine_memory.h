// How much memory there is for this process, and how much of it it takes. Reads files of Linux, at start and for a status.
#pragma once

#include <cstdint>
#include <string>

namespace penstock {

/// The smallest of: the machine's memory, the limits of this process' control group and of those above it (cgroup v2, or
/// v1's memory controller). 0 if nothing can be read. `root` comes before the paths, for tests.
uint64_t memory_available(const std::string& root = "");

/// The memory budget of a node that declares none: 60 % of what is available, so that the rest is left for what is not
/// accounted for, for threads' stacks and for the store's pages.
uint64_t default_memory_budget(const std::string& root = "");

struct ProcessMemory {
  uint64_t resident = 0;   // all of it
  uint64_t anonymous = 0;  // without the pages of files, which the system takes back when it needs them: the store's
};
/// Zeros if it cannot be read.
ProcessMemory process_memory(const std::string& root = "");

}  // namespace penstock
