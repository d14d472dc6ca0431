// SIGKILL at random moments: nothing acknowledged is missing, and every commit is whole or not there.
#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>
#include <thread>

#include "core/random.h"
#include "storage/check_store.h"
#include "tests/storage/store_contract.h"

using namespace penstock;

namespace {

constexpr uint64_t kKeys = 40;

// Commit n: one entry holding n, keys n%40 in three tables set to n (by put, by delta, and by either in turn), position n.
WriteBatch numbered(uint64_t n) {
  const std::string key = "k" + std::to_string(n % kKeys), value = std::to_string(n);
  WriteBatch batch;
  batch.append("l", Partition(0), value, 1, {static_cast<int64_t>(n)});
  batch.put("puts", key, value);
  batch.append_delta("deltas", {{key, value}});
  if (n % 3 == 0)
    batch.put("both", key, value);
  else
    batch.append_delta("both", {{key, value}});
  batch.set_position("o", "l", Partition(0), Offset(n));
  return batch;
}

// Commits 1, 2, 3... from `next` on, and writes each number to the pipe once it is acknowledged, until killed.
[[noreturn]] void commit_for_ever(const std::string& path, uint64_t next, int pipe) {
  auto store = open_lmdb(path, 2000);
  if (!store->open_log("l", {}).ok())
    _exit(1);
  for (;; ++next) {
    store->commit(numbered(next), [next, pipe](const Committed& committed) {
      if (!committed.status.ok() || write(pipe, &next, sizeof next) != sizeof next)
        _exit(2);
    });
    if (next % 16 == 0)
      store->commit_and_wait({});  // a queue of some batches, not of all
  }
}

}  // namespace

TEST_CASE("a store killed at any moment keeps what it acknowledged, and only whole commits", "[integration]") {
  TempFolder folder;
  Random random(static_cast<uint64_t>(getpid()));
  uint64_t committed = 0;
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0)
      commit_for_ever(folder.path(), committed + 1, ends[1]);
    close(ends[1]);
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(30'000 + random.below(150'000)));
      kill(child, SIGKILL);
    });
    uint64_t acknowledged = committed;
    for (uint64_t n; read(ends[0], &n, sizeof n) == sizeof n;) {
      REQUIRE(n == acknowledged + 1);
      acknowledged = n;
    }
    killer.join();
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));

    if (!std::filesystem::exists(folder.path() + "/data.mdb"))
      continue;
    const auto report = check_store({.path = folder.path(), .check_entry = {}});
    if (acknowledged == 0 && !report.ok())
      continue;  // killed before the store had begun
    REQUIRE(report.status().to_string() == "ok");
    CHECK(report->problems == std::vector<std::string>{});
    const auto store = open_lmdb(folder.path(), 2000);
    const auto range = store->range("l", Partition(0));
    if (acknowledged == 0 && !range.ok())
      continue;
    committed = range->next.value();
    CHECK(committed >= acknowledged);
    const auto entries = store->read("l", Partition(0), Offset(0), 1 << 30);
    REQUIRE(entries.ok());
    REQUIRE(entries->size() == committed);
    std::map<std::string, std::string> expected;
    for (uint64_t n = 1; n <= committed; ++n) {
      REQUIRE((*entries)[n - 1].bytes == std::to_string(n));
      expected["k" + std::to_string(n % kKeys)] = std::to_string(n);
    }
    std::string text;
    for (const auto& [key, value] : expected)
      text += (text.empty() ? "" : " ") + key + "=" + value;
    for (const char* table : {"puts", "deltas", "both"})
      REQUIRE(scan_text(*store, table) == text);
    if (committed > 0)
      CHECK(*store->position("o", "l", Partition(0)).value() == Offset(committed));
  }
  CHECK(committed > 20);
}
