// The process dies at each named point of a commit, a checkpoint, retention and a backup: what was acknowledged is there, and
// only whole commits are.
#include <catch2/catch.hpp>

#include <unistd.h>

#include "core/fault_points.h"
#include "storage/backup.h"
#include "storage/check_store.h"
#include "tests/storage/child.h"
#include "tests/storage/store_contract.h"

using namespace penstock;

namespace {

constexpr uint64_t kMany = 400;

WriteBatch numbered(uint64_t n) {
  const std::string value = std::to_string(n);
  WriteBatch batch;
  batch.append("l", Partition(0), value, 1, {static_cast<int64_t>(n)});
  batch.append_delta("t", {{"k" + std::to_string(n % 7), value}, {"last", value}});
  batch.put("p", "last", value);
  batch.set_position("o", "l", Partition(0), Offset(n));
  return batch;
}

// Commits on from what is there, with retention and a backup now and then, and tells each acknowledged number, until it dies.
int work(const std::string& path, const std::string& faults, uint64_t seed, int pipe) {
  auto store = open_lmdb(path, 500);
  if (!store->open_log("l", {.partitions = 1, .retention = {.age = Duration{50}, .size = {}}}).ok())
    return 1;
  const uint64_t first = store->range("l", Partition(0))->next.value() + 1;
  if (!set_faults(faults, seed).ok())
    return 2;
  for (uint64_t n = first; n < first + kMany; ++n) {
    if (!commit(*store, numbered(n)).ok() || write(pipe, &n, sizeof n) != sizeof n)
      return 3;
    if (n % 40 == 0 && !store->retain({static_cast<int64_t>(n)}).ok())
      return 4;
    if (n % 50 == 0)
      (void)write_backup({path + "/backup" + std::to_string(n), "", "", {}},
                         [&](const std::string& file) { return store->copy_to(file, nullptr); });
  }
  return 5;
}

std::string last_of(const Store& store) {
  return get_text(store, "t", "last") + " " + get_text(store, "p", "last") + " " +
         std::to_string(store.position("o", "l", Partition(0)).value().value_or(Offset(0)).value()) + " " +
         std::to_string(store.range("l", Partition(0))->next.value());
}

}  // namespace

TEST_CASE("a store whose process dies at any named point keeps what it acknowledged, and only whole commits") {
  TempFolder folder;
  uint64_t committed = 0;
  int crashes = 0;
  for (const std::string point :
       {"store.write", "store.sync", "store.committed", "store.checkpoint", "store.retain", "store.backup"}) {
    for (const std::string when : {"@1", "@2", "@9", "0.05"}) {
      int ends[2];
      REQUIRE(pipe(ends) == 0);
      INFO(point << " " << when);
      const int code = test::in_child([&] {
        close(ends[0]);
        return work(folder.path(), point + ":crash:" + when, static_cast<uint64_t>(crashes), ends[1]);
      });
      close(ends[1]);
      uint64_t acknowledged = committed;
      for (uint64_t n; read(ends[0], &n, sizeof n) == sizeof n; acknowledged = n)
        REQUIRE(n == acknowledged + 1);
      close(ends[0]);
      REQUIRE((code == 1009 || code == 5));
      crashes += code == 1009;

      const auto report = check_store({.path = folder.path(), .check_entry = {}});
      REQUIRE(report.ok());
      CHECK(report->problems == std::vector<std::string>{});
      const auto store = open_lmdb(folder.path(), 500);
      committed = store->range("l", Partition(0))->next.value();
      CHECK(committed >= acknowledged);
      CHECK(committed <= acknowledged + 1);
      if (committed > 0) {
        const std::string n = std::to_string(committed);
        CHECK(last_of(*store) == n + " " + n + " " + n + " " + n);
      }
      for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        const std::string name = entry.path().filename();
        if (name.starts_with("backup") && !name.ends_with(".tmp"))
          CHECK(verify_backup(entry.path()).status().to_string() == "ok");
      }
    }
  }
  CHECK(crashes >= 18);
}
