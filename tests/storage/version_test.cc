// Values of a version that this program does not know: each kind is refused with both versions and what to do.
#include <catch2/catch.hpp>

#include "storage/bytes.h"
#include "storage/check_store.h"
#include "storage/lmdb_env.h"
#include "storage/lmdb_format.h"
#include "tests/storage/store_contract.h"

using namespace penstock;

namespace {

constexpr char kUnknown[] =
    ": it is stored in version 9, this program reads version 1; use the Penstock that wrote it, or restore a backup "
    "that "
    "this one can read";

void fill(const std::string& path) {
  const auto store = open_lmdb(path, 1 << 20);
  REQUIRE(store->open_log("l", {}).ok());
  WriteBatch batch;
  batch.append("l", Partition(0), "entry", 1, {1});
  batch.put("t", "k", "1");
  batch.append_delta("changes", {{"c", "2"}});
  batch.set_position("o", "l", Partition(0), Offset(1));
  REQUIRE(commit(*store, std::move(batch)).ok());
}

// Gives every value of the database whose key begins so version 9, whole and with the right checksum.
void make_newer(const std::string& path, MDB_dbi LmdbEnv::*database, const std::string& prefix, size_t head_bytes) {
  auto env = LmdbEnv::open({.path = path, .map_bytes = 1 << 30});
  REQUIRE(env.ok());
  std::vector<std::pair<std::string, std::string>> newer;
  {
    auto read = LmdbRead::begin(**env);
    auto cursor = LmdbCursor::open(read->get(), (**env).*database);
    for (bool found = prefix.empty() ? *cursor->move(MDB_FIRST) : *cursor->seek(prefix);
         found && cursor->key.starts_with(prefix); found = *cursor->move(MDB_NEXT)) {
      std::string_view head;
      const auto body = unseal(cursor->key, cursor->value, head_bytes, &head);
      REQUIRE(body);
      std::string changed(head);
      changed[0] = 9;
      newer.emplace_back(cursor->key, sealed(cursor->key, changed, *body));
    }
  }
  REQUIRE(!newer.empty());
  auto write = LmdbWrite::begin(**env);
  for (const auto& [key, value] : newer) {
    MDB_val at = val(key), data = val(value);
    REQUIRE(mdb_put(write->get(), (**env).*database, &at, &data, 0) == 0);
  }
  REQUIRE(write->commit().ok());
}

std::string opened(const std::string& path) {
  const auto store = LmdbStore::open({.path = path});
  return store.ok() ? "ok" : store.status().to_string();
}

std::string problems(const std::string& path) {
  const auto report = check_store({.path = path, .check_entry = {}});
  std::string text;
  for (const std::string& problem : report->problems)
    text += problem + "\n";
  return text;
}

std::string table_prefix(uint32_t id) {
  std::string prefix(4, '\0');
  store_be32(prefix.data(), id);
  return prefix;
}

}  // namespace

TEST_CASE("a catalogue or changelog of an unknown version keeps the store from opening, and says both versions") {
  struct Kind {
    MDB_dbi LmdbEnv::*database;
    std::string prefix;
    size_t head_bytes;
    std::string what;
  };
  const Kind kind = GENERATE(Kind{&LmdbEnv::meta, "L", 1, "the record of \"l\" in the store's catalogue"},
                             Kind{&LmdbEnv::meta, "P", 1, "the record of a partition in the store's catalogue"},
                             Kind{&LmdbEnv::meta, "T", 1, "the record of \"changes\" in the store's catalogue"},
                             Kind{&LmdbEnv::changelog, "", kChangelogHeadBytes, "changelog entry 1"});
  TempFolder folder;
  fill(folder.path());
  make_newer(folder.path(), kind.database, kind.prefix, kind.head_bytes);
  CHECK(opened(folder.path()) ==
        "failed_precondition: cannot open store \"" + folder.path() + "\": " + kind.what + kUnknown);
  CHECK_THAT(problems(folder.path()), Catch::Contains(kind.what + kUnknown));
}

TEST_CASE("a log entry, table entry or position of an unknown version is refused where it is read") {
  TempFolder folder;
  fill(folder.path());
  make_newer(folder.path(), &LmdbEnv::entries, "", kEntryHeadBytes);
  make_newer(folder.path(), &LmdbEnv::tables, "", kTableHeadBytes);
  const auto store = open_lmdb(folder.path(), 1 << 20);
  CHECK(read_text(*store, "l") == std::string("failed_precondition: log \"l\" partition 0 offset 0") + kUnknown);
  CHECK(get_text(*store, "t", "k") == std::string("failed_precondition: key \"k\" of table \"t\"") + kUnknown);
  CHECK(scan_text(*store, "t") == std::string("failed_precondition: key \"k\" of table \"t\"") + kUnknown);
  const auto position = store->position("o", "l", Partition(0));
  CHECK_THAT(position.status().to_string(), Catch::StartsWith("failed_precondition") && Catch::Contains(kUnknown));
}

TEST_CASE("check-store names each value of an unknown version") {
  TempFolder folder;
  fill(folder.path());
  make_newer(folder.path(), &LmdbEnv::entries, "", kEntryHeadBytes);
  make_newer(folder.path(), &LmdbEnv::tables, table_prefix(kPositionsTable), kTableHeadBytes);
  CHECK_THAT(problems(folder.path()), Catch::Contains(std::string("log \"l\" partition 0 offset 0") + kUnknown) &&
                                          Catch::Contains("position") && Catch::Contains(kUnknown));
}
