#include "actors/supervision/memory_budget.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "actors/supervision/machine_memory.h"
#include "tests/support/temporary_folder.h"

using namespace penstock;

TEST_CASE("a memory budget adds up what its parts hold") {
  MemoryBudget budget(100);
  budget.set("cache", 60);
  {
    MemoryAccount one(budget, "state.sales"), other(budget, "state.sales");
    one.set(30);
    other.set(10);
    CHECK(budget.parts() == std::map<std::string, uint64_t>{{"cache", 60}, {"state.sales", 40}});
    CHECK_FALSE(budget.exceeded());
    CHECK(budget.free() == 0);
    other.set(11);
    CHECK(budget.exceeded());
    CHECK(budget.free() == 0);
    one.set(5);
    CHECK(budget.free() == 24);
  }
  CHECK(budget.parts() == std::map<std::string, uint64_t>{{"cache", 60}});
  CHECK(budget.used() == 60);
  budget.set("cache", 0);
  CHECK(budget.parts().empty());
}

TEST_CASE("a memory budget without a limit is never exceeded") {
  MemoryBudget budget;
  budget.set("cache", ~0ULL >> 1);
  CHECK_FALSE(budget.exceeded());
  CHECK(budget.free() == ~0ULL);
}

TEST_CASE("holders on several threads leave nothing behind in a memory budget") {
  MemoryBudget budget(1);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&budget] {
      for (uint64_t i = 0; i < 1000; ++i) {
        MemoryAccount account(budget, "state");
        account.set(i);
        account.set(1000 - i);
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  CHECK(budget.used() == 0);
}

TEST_CASE("a memory budget wakes those who can free memory, once each time that it comes to be exceeded") {
  MemoryBudget budget(100);
  int woken = 0;
  auto handle = budget.on_exceeded([&] {
    ++woken;
    budget.set("freed", 1);
  });
  budget.set("freed", 50);
  CHECK(woken == 0);
  budget.set("other", 60);
  CHECK(woken == 1);
  CHECK(budget.used() == 61);
  budget.set("other", 200);
  budget.set("other", 300);
  CHECK(woken == 2);
  handle.reset();
  budget.set("other", 0);
  budget.set("other", 200);
  CHECK(woken == 2);
}

namespace {

// A file system of its own for the functions that read Linux's.
class Machine {
 public:
  void write(const std::string& path, const std::string& content) const {
    const std::filesystem::path file = folder_.path() + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
  }
  uint64_t available() const { return memory_available(folder_.path()); }
  std::string root() const { return folder_.path(); }

 private:
  penstock::test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("the memory available is the machine's, or what its control groups leave") {
  const Machine machine;
  CHECK(machine.available() == 0);
  machine.write("/proc/meminfo", "MemTotal:       4000 kB\nMemFree:  1 kB\n");
  CHECK(machine.available() == 4'096'000);
  CHECK(default_memory_budget(machine.root()) == 2'457'600);
  machine.write("/proc/self/cgroup", "0::/shop/node.service\n");
  machine.write("/sys/fs/cgroup/shop/node.service/memory.max", "max\n");
  CHECK(machine.available() == 4'096'000);
  machine.write("/sys/fs/cgroup/shop/memory.max", "2000000\n");
  CHECK(machine.available() == 2'000'000);
  machine.write("/sys/fs/cgroup/memory.max", "1000000\n");
  CHECK(machine.available() == 1'000'000);
}

TEST_CASE("the memory available heeds control groups of version 1") {
  const Machine machine;
  machine.write("/proc/meminfo", "MemTotal:       4000 kB\n");
  machine.write("/proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a/b\n0::/\n");
  machine.write("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n");
  CHECK(machine.available() == 4'096'000);
  machine.write("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "3000000\n");
  CHECK(machine.available() == 3'000'000);
}

TEST_CASE("the memory of the process is told with and without the pages of files") {
  const Machine machine;
  CHECK(process_memory(machine.root()).resident == 0);
  machine.write("/proc/self/status", "Name:\tx\nVmRSS:\t    20 kB\nRssAnon:\t     5 kB\n");
  CHECK(process_memory(machine.root()).resident == 20 * 1024);
  CHECK(process_memory(machine.root()).anonymous == 5 * 1024);
}
