#include "actors/supervision/machine_memory.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

namespace penstock {
namespace {

// Of a line such as `MemTotal:  1024 kB`.
uint64_t kilobytes(const std::string& file, const std::string& field) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line))
    if (line.starts_with(field)) {
      std::istringstream words(line.substr(field.size()));
      uint64_t count = 0;
      return words >> count ? count * 1024 : 0;
    }
  return 0;
}

// Nothing for `max`, and where there is no file.
std::optional<uint64_t> read_limit(const std::string& file) {
  std::ifstream in(file);
  std::string word;
  uint64_t bytes = 0;
  if (!(in >> word) || std::from_chars(word.data(), word.data() + word.size(), bytes).ec != std::errc())
    return std::nullopt;
  return bytes;
}

// The least limit of a group and those above it. In a container the group's own path is often not there, but its
// limits are at the root of what the container sees.
uint64_t least_limit(const std::string& folder, std::string group, const std::string& file) {
  uint64_t least = std::numeric_limits<uint64_t>::max();
  while (true) {
    const std::string here = group == "/" ? "" : group;
    if (const auto limit = read_limit(folder + here + "/" + file))
      least = std::min(least, *limit);
    if (here.empty())
      return least;
    group.resize(group.rfind('/'));
  }
}

uint64_t group_limit(const std::string& root) {
  std::ifstream in(root + "/proc/self/cgroup");
  uint64_t least = std::numeric_limits<uint64_t>::max();
  std::string line;
  while (std::getline(in, line)) {  // number:controllers:path; v2 is number 0 without controllers
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos || line.compare(second + 1, 1, "/") != 0)
      continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    if (controllers == ",,")
      least = std::min(least, least_limit(root + "/sys/fs/cgroup", group, "memory.max"));
    else if (controllers.find(",memory,") != std::string::npos)
      least = std::min(least, least_limit(root + "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
  }
  return least;
}

}  // namespace

uint64_t memory_available(const std::string& root) {
  const uint64_t machine = kilobytes(root + "/proc/meminfo", "MemTotal:");
  const uint64_t group = group_limit(root);
  if (machine == 0)
    return group == std::numeric_limits<uint64_t>::max() ? 0 : group;
  return std::min(machine, group);
}

uint64_t default_memory_budget(const std::string& root) { return memory_available(root) / 5 * 3; }

ProcessMemory process_memory(const std::string& root) {
  const std::string file = root + "/proc/self/status";
  return {kilobytes(file, "VmRSS:"), kilobytes(file, "RssAnon:")};
}

}  // namespace penstock
