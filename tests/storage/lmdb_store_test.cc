// What only the durable store does.
#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "storage/check_store.h"
#include "storage/lmdb_env.h"
#include "storage/lmdb_format.h"
#include "tests/storage/store_contract.h"

using namespace penstock;

namespace {

Committed put(Store& store, std::string key, std::string value) {
  WriteBatch batch;
  batch.put("t", std::move(key), std::move(value));
  return store.commit_and_wait(std::move(batch));
}

std::string problems_text(const std::string& path) {
  const auto report = check_store({.path = path, .check_entry = {}});
  if (!report.ok())
    return report.status().to_string();
  std::string text;
  for (const auto& problem : report->problems)
    text += problem + "\n";
  return text;
}

// Runs `work` in a child process; its exit code is what work returns.
int in_child(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    int code = 99;
    try {
      code = work();
    } catch (...) {
    }
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

void fill(Store& store) {
  REQUIRE(store.open_log("l", {.partitions = 2, .retention = {.age = Duration{50}, .size = Bytes{1 << 20}}}).ok());
  for (int i = 0; i < 20; ++i) {
    WriteBatch batch;
    batch.append("l", Partition(i % 2), "entry " + std::to_string(i), 3, {i});
    batch.put("t", "put" + std::to_string(i), std::to_string(i));
    batch.append_delta(
        "t", {{"delta" + std::to_string(i % 7), std::to_string(i)}, {"put" + std::to_string(i - 3), std::nullopt}});
    batch.set_position("o", "l", Partition(0), Offset(i));
    REQUIRE(store.commit_and_wait(std::move(batch)).status.ok());
  }
}

// Changes one byte of every place in data.mdb where `bytes` stand. Returns how many.
int corrupt(const std::string& path, const std::string& bytes) {
  std::fstream file(path + "/data.mdb", std::ios::in | std::ios::out | std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  int places = 0;
  for (size_t at = content.find(bytes); at != content.npos; at = content.find(bytes, at + 1), ++places) {
    file.clear();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(bytes[0] ^ 1));
  }
  return places;
}

}  // namespace

TEST_CASE("an LMDB store that is opened again has everything") {
  for (const uint64_t changelog_bytes : {16u << 20, 0u, 200u}) {
    TempFolder folder;
    std::string table, log, range;
    {
      const auto store = open_lmdb(folder.path(), changelog_bytes);
      fill(*store);
      table = scan_text(*store, "t");
      log = read_text(*store, "l", 1);
      range = range_text(*store, "l", 1);
    }
    CHECK(problems_text(folder.path()) == "");
    const auto store = open_lmdb(folder.path(), changelog_bytes);
    CHECK(scan_text(*store, "t") == table);
    CHECK(read_text(*store, "l", 1) == log);
    CHECK(range_text(*store, "l", 1) == range);
    CHECK(*store->position("o", "l", Partition(0)).value() == Offset(19));
    CHECK(*store->partitions("l") == 2);
    CHECK(*store->retain({60}) == 10);  // the retention is kept, too
    WriteBatch batch;
    batch.append("l", Partition(1), "next", 1, {100});
    CHECK(store->commit_and_wait(std::move(batch)).appended == std::vector{Offset(30)});
  }
}

TEST_CASE("a checkpoint empties the changelog into the tables") {
  TempFolder folder;
  const auto store = open_lmdb(folder.path(), 4000);
  std::string last;
  for (int i = 0; i < 60; ++i) {
    WriteBatch batch;
    Delta delta;
    for (int k = 0; k < 20; ++k)
      delta.emplace_back("k" + std::to_string((k * 7 + i) % 100), std::to_string(i));
    batch.append_delta("t", std::move(delta));
    REQUIRE(store->commit_and_wait(std::move(batch)).status.ok());
    REQUIRE(store->stats().changelog_bytes < 8 * 4000 + 1000);
  }
  CHECK(put(*store, "k1", "last").status.ok());
  CHECK(get_text(*store, "t", "k1") == "last");
}

TEST_CASE("a second opening of a store is refused and names the process") {
  TempFolder folder;
  const auto store = open_lmdb(folder.path());
  const auto again = LmdbStore::open({.path = folder.path()});
  REQUIRE(!again.ok());
  CHECK(again.status().to_string() ==
        "already_exists: store \"" + folder.path() + "\" is in use by this process; a store can be open only once");
  CHECK(check_store({.path = folder.path(), .check_entry = {}}).status().code() == Code::kAlreadyExists);
  const std::string pid = std::to_string(getpid());
  CHECK(in_child([&] {
          const auto other = LmdbStore::open({.path = folder.path()});
          return other.status().message().find("in use by process " + pid) != std::string::npos ? 7 : 8;
        }) == 7);
  CHECK(in_child([&] { return problems_text(folder.path()).empty() ? 7 : 8; }) == 7);  // reading beside it is possible
  CHECK(put(*store, "k", "v").status.ok());
}

TEST_CASE("a store that cannot be opened says why") {
  TempFolder folder;
  const auto message = [](const std::string& path) {
    const auto store = LmdbStore::open({.path = path});
    return store.ok() ? "ok" : store.status().to_string();
  };
  CHECK(message("") == "invalid_argument: the store's path is empty");
  std::ofstream(folder.path() + "/file") << "text";
  CHECK(message(folder.path() + "/file") ==
        "failed_precondition: cannot open store \"" + folder.path() + "/file\": it is a file, not a folder");
  CHECK(message(folder.path() + "/file/below").find("Not a directory") != std::string::npos);
  CHECK(message(folder.path() + "/made/on/the/way") == "ok");
  CHECK(!LmdbStore::open({.path = folder.path(), .map_bytes = 1000}).ok());
  std::filesystem::create_directories(folder.path() + "/other");
  std::ofstream(folder.path() + "/other/data.mdb") << std::string(20000, 'x');
  CHECK(message(folder.path() + "/other").find("data.mdb is not a store's file") != std::string::npos);
  CHECK(problems_text(folder.path() + "/none").starts_with("not_found: there is no store in"));
  if (getuid() == 0) {  // root may write anywhere, so become somebody else
    const auto as_nobody = [&](const std::string& path, const std::string& expected) {
      return in_child([&] {
        if (setgid(65534) != 0 || setuid(65534) != 0)
          return 1;
        return message(path).find(expected) != std::string::npos ? 7 : 8;
      });
    };
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
    CHECK(as_nobody(folder.path() + "/new", "failed_precondition: cannot create the store's folder") == 7);
    CHECK(as_nobody(folder.path(), "failed_precondition: cannot open") == 7);
  }
}

TEST_CASE("a store of another format is refused") {
  TempFolder folder;
  open_lmdb(folder.path()).reset();
  for (const uint32_t version : {2u, 0u}) {
    {
      auto env = LmdbEnv::open({.path = folder.path(), .map_bytes = 1 << 30});
      REQUIRE(env.ok());
      auto write = LmdbWrite::begin(**env);
      MDB_val key = val("F"), value{4, const_cast<uint32_t*>(&version)};
      REQUIRE(mdb_put(write->get(), (*env)->meta, &key, &value, 0) == 0);
      REQUIRE(write->commit().ok());
    }
    const std::string expected = "failed_precondition: store \"" + folder.path() + "\" has format " +
                                 std::to_string(version) + ", this program reads format 1" +
                                 (version == 2 ? "; use the newer Penstock that wrote it" : "");
    CHECK(LmdbStore::open({.path = folder.path()}).status().to_string() == expected);
    CHECK(problems_text(folder.path()) == expected);
  }
}

TEST_CASE("a byte that changed on the disk is found and named, and the rest stays readable") {
  TempFolder folder;
  {
    const auto store = open_lmdb(folder.path());
    REQUIRE(store->open_log("l", {}).ok());
    WriteBatch batch;
    batch.append("l", Partition(0), "first-entry", 4, {});
    batch.append("l", Partition(0), "second-entry", 4, {});
    batch.append("l", Partition(0), "third-entry", 4, {});
    batch.put("t", "k1", "value-one");
    batch.put("t", "k2", "value-two");
    batch.set_position("o", "l", Partition(0), Offset(13));
    REQUIRE(store->commit_and_wait(std::move(batch)).status.ok());
  }
  REQUIRE(corrupt(folder.path(), "second-entry") >= 1);
  REQUIRE(corrupt(folder.path(), "value-two") >= 1);
  CHECK(problems_text(folder.path()) ==
        "log \"l\" partition 0 offset 4: its checksum is wrong; the stored bytes are damaged\n"
        "position of \"o\" in log \"l\" partition 0: it is at offset 13, but the log ends at 12\n"
        "key \"k2\" of table \"t\": its checksum is wrong; the stored bytes are damaged\n");
  const auto store = open_lmdb(folder.path());
  CHECK(read_text(*store, "l", 0, 0, 11) == "0+4:first-entry");
  CHECK(read_text(*store, "l", 0, 0) ==
        "data_loss: log \"l\" partition 0 offset 4: its checksum is wrong; the stored bytes are damaged");
  CHECK(read_text(*store, "l", 0, 8) == "8+4:third-entry");
  CHECK(get_text(*store, "t", "k1") == "value-one");
  CHECK(get_text(*store, "t", "k2") ==
        "data_loss: key \"k2\" of table \"t\": its checksum is wrong; the stored bytes are damaged");
  CHECK(store->stats().damaged == 2);
}

TEST_CASE(
    "a store tells of each transaction how large it was and how many batches share it, and how full its disk is") {
  TempFolder folder;
  std::vector<CommitFigures> told;
  {
    LmdbOptions options{.path = folder.path(), .map_bytes = 64 << 20};
    options.on_commit = [&](const CommitFigures& commit) { told.push_back(commit); };
    auto store = LmdbStore::open(options);
    REQUIRE(store.ok());
    REQUIRE(put(**store, "key", std::string(1000, 'v')).status.ok());
    const StoreStats stats = (*store)->stats();
    CHECK(stats.disk_bytes > stats.disk_free_bytes);
    CHECK(stats.disk_free_bytes > 0);
  }
  REQUIRE(told.size() == 1);
  CHECK(told[0].batches == 1);
  CHECK(told[0].bytes >= 1000);
  CHECK(told[0].seconds > 0);
}

TEST_CASE("a damaged changelog or a file cut short keeps the store from opening") {
  TempFolder folder;
  {
    const auto store = open_lmdb(folder.path());
    WriteBatch batch;
    batch.append_delta("t", {{"key", "delta-value"}});
    REQUIRE(store->commit_and_wait(std::move(batch)).status.ok());
  }
  REQUIRE(corrupt(folder.path(), "delta-value") >= 1);
  CHECK(problems_text(folder.path()) == "changelog entry 1: its checksum is wrong; the stored bytes are damaged\n");
  CHECK(LmdbStore::open({.path = folder.path()}).status().to_string() ==
        "data_loss: cannot open store \"" + folder.path() +
            "\": changelog entry 1: its checksum is wrong; the stored bytes are damaged");
  std::filesystem::resize_file(folder.path() + "/data.mdb", 3 * 4096);
  CHECK(LmdbStore::open({.path = folder.path()}).status().message().find("the file was cut short") !=
        std::string::npos);
  CHECK(problems_text(folder.path()).find("the file was cut short") != std::string::npos);
}

TEST_CASE("a commit over the disk budget fails alone; reading and making room go on") {
  TempFolder folder;
  auto opened = LmdbStore::open({.path = folder.path(), .map_bytes = 4 << 20, .durability = Durability::kRelaxed});
  REQUIRE(opened.ok());
  Store& store = **opened;
  REQUIRE(store.open_log("l", {.partitions = 1, .retention = {.age = Duration{10}, .size = {}}}).ok());
  const auto append = [&](int64_t at) {
    WriteBatch batch;
    batch.append("l", Partition(0), std::string(100'000, 'x'), 1, {at});
    batch.put("t", std::to_string(at), "v");
    return store.commit_and_wait(std::move(batch)).status;
  };
  int64_t at = 0;
  Status status;
  while ((status = append(at)).ok())
    ++at;
  REQUIRE(at > 20);
  CHECK(status.code() == Code::kResourceExhausted);
  CHECK(status.message().find("disk budget of 4MiB is used up") != std::string::npos);
  CHECK(range_text(store, "l") == "0.." + std::to_string(at) + " " + std::to_string(at * 100'000) + "B");
  CHECK(get_text(store, "t", std::to_string(at)) == "(none)");
  CHECK(put(store, "small", "fits").status.ok());
  WriteBatch position;
  position.set_position("o", "l", Partition(0), Offset(1));
  CHECK(store.commit_and_wait(std::move(position)).status.ok());
  CHECK(*store.retain({at + 5}) > 0);
  CHECK(append(at).ok());
  for (int64_t round = 0; round < 50; ++round) {  // the file does not grow with what is dropped
    ++at;
    REQUIRE(store.retain({at + 5}).ok());
    REQUIRE(append(at).ok());
  }
  CHECK(store.stats().used_bytes <= store.stats().map_bytes);
}

TEST_CASE("a full disk fails the commits, loses nothing and passes") {
  TempFolder folder;
  const auto run = [&] {
    std::signal(SIGXFSZ, SIG_IGN);
    auto store = open_lmdb(folder.path());
    if (!put(*store, "before", "kept").status.ok())
      return 1;
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t free = limit.rlim_cur;
    limit.rlim_cur = 2 << 20;
    setrlimit(RLIMIT_FSIZE, &limit);
    int stored = 0;
    Status status;
    while (stored < 100 && (status = put(*store, "k" + std::to_string(stored), std::string(100'000, 'x')).status).ok())
      ++stored;
    if (status.code() != Code::kResourceExhausted && status.code() != Code::kUnavailable)
      return 2;
    if (get_text(*store, "t", "before") != "kept" || get_text(*store, "t", "k" + std::to_string(stored)) != "(none)")
      return 3;
    if (put(*store, "again", std::string(100'000, 'x')).status.ok())
      return 4;
    limit.rlim_cur = free;
    setrlimit(RLIMIT_FSIZE, &limit);
    if (!put(*store, "after", "room").status.ok())
      return 5;
    store.reset();
    return problems_text(folder.path()).empty() && get_text(*open_lmdb(folder.path()), "t", "after") == "room" ? 7 : 6;
  };
  CHECK(in_child(run) == 7);
}

TEST_CASE("batches too large for one another's company are committed one by one") {
  TempFolder folder;
  auto opened = LmdbStore::open({.path = folder.path(), .map_bytes = 8 << 20, .durability = Durability::kRelaxed});
  REQUIRE(opened.ok());
  std::string results;
  for (const size_t megabytes : {3, 6, 1}) {
    WriteBatch batch;
    batch.put("t", std::to_string(megabytes), std::string(megabytes << 20, 'x'));
    (*opened)->commit(std::move(batch), [&results, megabytes](const Committed& committed) {
      results += std::to_string(megabytes) + " " + std::string(code_name(committed.status.code())) + "; ";
    });
  }
  opened->reset();
  CHECK(results == "3 ok; 6 resource_exhausted; 1 ok; ");
}

TEST_CASE("the pages of a reader that was killed are used again", "[integration]") {
  TempFolder folder;
  LmdbOptions options{.path = folder.path(), .durability = Durability::kRelaxed};
  options.reader_check_interval = Duration{10'000};
  auto store = LmdbStore::open(options);
  REQUIRE(store.ok());
  REQUIRE(put(**store, "k", "v").status.ok());
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto env = LmdbEnv::open({.path = folder.path(), .map_bytes = 1 << 30, .read_only = true});
    const auto read = LmdbRead::begin(**env);
    if (write(ready[1], "r", 1) == 1)
      pause();
    _exit(1);
  }
  char byte;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  CHECK((*store)->stats().readers >= 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while ((*store)->stats().readers > 1 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK((*store)->stats().readers <= 1);  // used_bytes reads while it counts
  close(ready[0]);
  close(ready[1]);
}
