// Files that are damaged or cut short: whatever is done to them, what is read is right, or somebody says clearly that it is not.
#include <catch2/catch.hpp>
#include <csignal>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/exit_codes.h"
#include "core/random.h"
#include "storage/check_store.h"
#include "storage/files.h"
#include "storage/lmdb_snapshot.h"
#include "storage/map_fault.h"
#include "tests/storage/child.h"
#include "tests/storage/store_contract.h"

using namespace penstock;

namespace {

constexpr int kEntries = 60;

std::string entry_bytes(int i) { return "entry " + std::to_string(i) + std::string(200 + 137 * (i % 40), 'e'); }

void fill(const std::string& path) {
  const auto store = open_lmdb(path, 3000);
  REQUIRE(store->open_log("l", {.partitions = 2, .retention = {}}).ok());
  for (int i = 0; i < kEntries; ++i) {
    WriteBatch batch;
    batch.append("l", Partition(i % 2), entry_bytes(i), 1, {i});
    batch.put("t", "put" + std::to_string(i), std::string(50, static_cast<char>('a' + i % 26)));
    batch.append_delta("t", {{"delta" + std::to_string(i % 20), std::to_string(i)}});
    batch.set_position("o", "l", Partition(i % 2), Offset(static_cast<uint64_t>(i / 2)));
    REQUIRE(commit(*store, std::move(batch)).ok());
  }
}

// Reads everything and compares. 0: all is right; 1: an error was told; 2: something wrong was given as right.
int read_everything(const std::string& path, const std::map<std::string, std::string>& expected) {
  const auto store = LmdbSnapshot::open(path);
  if (!store.ok())
    return 1;
  bool told = false;
  for (int p = 0; p < 2; ++p) {
    const auto entries = (*store)->read("l", Partition(static_cast<uint32_t>(p)), Offset(0), 1 << 30);
    told = told || !entries.ok();
    if (entries.ok() && entries->size() != kEntries / 2) {
      // Entries that are missing are found by who compares with the log's end, as check-store and readers do.
      told = true;
    } else if (entries.ok()) {
      for (int i = 0; i < kEntries / 2; ++i)
        if ((*entries)[static_cast<size_t>(i)].bytes != entry_bytes(2 * i + p))
          return 2;
    }
  }
  std::map<std::string, std::string> found;
  const Status scanned = (*store)->scan("t", "", [&](std::string_view key, std::string_view value) {
    found.emplace(key, value);
    return true;
  });
  for (const auto& [key, value] : found)
    if (const auto known = expected.find(key); known == expected.end() || known->second != value)
      return 2;
  return told || !scanned.ok() || found.size() != expected.size() ? 1 : 0;
}

bool check_is_clean(const std::string& path) {
  const auto report = check_store({.path = path, .check_entry = {}});
  return report.ok() && report->problem_count == 0;
}

void overwrite(const std::string& file, uint64_t at, const std::string& bytes) {
  const int fd = open(file.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(bytes.size()));
  close(fd);
}

std::string stderr_of(const std::function<int()>& work, int& code) {
  TempFolder folder;
  const std::string file = folder.path() + "/stderr";
  code = test::in_child([&] {
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(fd, STDERR_FILENO);
    return work();
  });
  return read_file(file, 1 << 20).ok() ? *read_file(file, 1 << 20) : "";
}

}  // namespace

TEST_CASE("whatever bytes of a store's file change, nothing wrong is read as right, and no process ends unexplained") {
  TempFolder folder;
  const std::string good = folder.path() + "/good", bad = folder.path() + "/bad";
  fill(good);
  std::map<std::string, std::string> expected;
  REQUIRE(LmdbSnapshot::open(good)
              .value()
              ->scan("t", "",
                     [&](std::string_view key, std::string_view value) {
                       expected.emplace(key, value);
                       return true;
                     })
              .ok());
  REQUIRE(test::in_child([&] { return read_everything(good, expected); }) == 0);
  const uint64_t size = std::filesystem::file_size(good + "/data.mdb");
  // More, and others, by hand: PENSTOCK_DAMAGE="ROUNDS SEED".
  int rounds = 150;
  uint64_t seed = 7;
  if (const char* asked = std::getenv("PENSTOCK_DAMAGE"))
    std::istringstream(asked) >> rounds >> seed;
  Random random(seed);
  std::map<int, int> outcomes;
  for (int round = 0; round < rounds; ++round) {
    std::filesystem::remove_all(bad);
    std::filesystem::create_directories(bad);
    std::filesystem::copy_file(good + "/data.mdb", bad + "/data.mdb");
    const uint64_t at = random.below(size - 16);
    // One flipped bit, some random bytes, or a page that was never written.
    std::string bytes(round % 3 == 0 ? 1 : round % 3 == 1 ? 16 : 4096, '\0');
    std::ifstream(good + "/data.mdb", std::ios::binary).seekg(static_cast<std::streamoff>(at)).read(bytes.data(), 1);
    if (round % 3 == 0)
      bytes[0] = static_cast<char>(bytes[0] ^ (1 << random.below(8)));
    else if (round % 3 == 1)
      for (char& byte : bytes)
        byte = static_cast<char>(random.below(256));
    else
      bytes.assign(4096, '\0');
    overwrite(bad + "/data.mdb", round % 3 == 2 ? at / 4096 * 4096 : at, bytes);

    int code = 0;
    const std::string text = stderr_of(
        [&] {
          explain_map_faults();
          return read_everything(bad, expected);
        },
        code);
    INFO("round " << round << " at byte " << at << ": " << code << " " << text);
    ++outcomes[code];
    CHECK((code == 0 || code == 1 || code == kExitIo));
    if (code == kExitIo)
      CHECK_THAT(text, Catch::Contains("data.mdb") && Catch::Contains("penstock check-store"));
    const int checked = test::in_child([&] {
      explain_map_faults();
      close(STDERR_FILENO);
      return check_is_clean(bad) ? 0 : 1;
    });
    if (code != 0)
      CHECK(checked != 0);  // what a reader meets, check-store finds
  }
  UNSCOPED_INFO("right " << outcomes[0] << ", told " << outcomes[1] << ", ended " << outcomes[kExitIo]);
  CHECK(outcomes[0] > 0);
  CHECK(outcomes[1] > 0);
}

TEST_CASE("a file that is cut short while it is in use ends the process with a message and exit code 74") {
  TempFolder folder;
  fill(folder.path());
  int code = 0;
  const std::string text = stderr_of(
      [&] {
        explain_map_faults();
        const auto store = open_lmdb(folder.path());
        if (truncate((folder.path() + "/data.mdb").c_str(), 3 * 4096) != 0)
          return 1;
        (void)store->read("l", Partition(0), Offset(0), 1 << 30);
        return 2;
      },
      code);
  CHECK(code == kExitIo);
  CHECK_THAT(text, Catch::StartsWith("penstock: " + folder.path() + "/data.mdb: a page of the store cannot be read") &&
                       Catch::Contains("cut short"));
}

TEST_CASE("a fault that is none of the store's ends the process as before") {
  int code = 0;
  const std::string text = stderr_of(
      [] {
        explain_map_faults();
        raise(SIGSEGV);
        return raise(SIGSEGV);  // as a fault comes again when its instruction is tried again
      },
      code);
  CHECK(text == "");
  CHECK((code == 1000 + SIGSEGV || code != 0));
}

TEST_CASE("a file cut short at any place is refused when it is opened") {
  TempFolder folder;
  const std::string good = folder.path() + "/good", bad = folder.path() + "/bad";
  fill(good);
  const uint64_t size = std::filesystem::file_size(good + "/data.mdb");
  std::filesystem::create_directories(bad);
  for (uint64_t keep = 0; keep < size; keep += 4096 * 5 + 100) {
    std::filesystem::copy_file(good + "/data.mdb", bad + "/data.mdb",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(bad + "/data.mdb", keep);
    INFO(keep << " of " << size);
    if (keep == 0)
      continue;  // LMDB takes an empty file for a new one
    const auto opened = LmdbSnapshot::open(bad);
    REQUIRE(!opened.ok());
    CHECK(opened.status().code() == Code::kDataLoss);
  }
}

TEST_CASE("a file whose last pages were never written, because nothing is in them, is not taken for one cut short") {
  TempFolder folder;
  {
    const auto store = open_lmdb(folder.path());
    WriteBatch batch;
    batch.put("t", "large", std::string(3 << 20, 'x'));
    batch.erase("t", "large");
    batch.put("t", "small", "1");
    REQUIRE(commit(*store, std::move(batch)).ok());
  }
  CHECK(scan_text(*open_lmdb(folder.path()), "t") == "small=1");
}
