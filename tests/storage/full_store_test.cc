// A disk budget that is used up, a disk that is full, fails, or becomes read-only: refused clearly, nothing lost, passes.
#include <catch2/catch.hpp>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>

#include "core/fault_points.h"
#include "storage/check_store.h"
#include "tests/storage/child.h"
#include "tests/storage/store_contract.h"

using namespace penstock;

namespace {

constexpr uint64_t kMiB = 1 << 20;

std::unique_ptr<Store> open_small(const std::string& path, uint64_t budget) {
  auto store = LmdbStore::open({.path = path, .map_bytes = budget, .durability = Durability::kRelaxed});
  if (!store.ok())
    throw std::runtime_error(store.status().to_string());
  return std::move(store).value();
}

Status append(Store& store, int64_t at, size_t bytes = 20'000) {
  WriteBatch batch;
  batch.append("l", Partition(0), std::string(bytes, static_cast<char>('a' + at % 26)), 1, {at});
  return commit(store, std::move(batch));
}

// What a region does: a delta, an output, a position.
Status process(Store& store, int64_t at) {
  WriteBatch batch;
  Delta delta;
  for (int k = 0; k < 8; ++k)
    delta.emplace_back("k" + std::to_string((at * 31 + k * 97) % 1000), std::to_string(at));
  batch.append_delta("t", std::move(delta));
  batch.append("out", Partition(0), std::to_string(at), 1, {at});
  batch.set_position("region", "input", Partition(0), Offset(static_cast<uint64_t>(at)));
  return commit(store, std::move(batch));
}

void open_logs(Store& store, std::optional<Duration> age) {
  REQUIRE(store.open_log("l", {.partitions = 1, .retention = {.age = age, .size = {}}}).ok());
  REQUIRE(store.open_log("out", {}).ok());
}

// Appends until it is refused; `at` is then the number of those that were not. Gives the refusal.
Status fill_up(Store& store, int64_t& at) {
  Status status;
  while ((status = append(store, at)).ok())
    ++at;
  return status;
}

bool becomes_good(const Store& store) {
  for (int i = 0; i < 1000 && !store.health().ok(); ++i)
    usleep(10'000);
  return store.health().ok();
}

std::string problems(const std::string& path) {
  const auto report = check_store({.path = path, .check_entry = {}});
  if (!report.ok())
    return report.status().to_string();
  std::string text;
  for (const auto& problem : report->problems)
    text += problem + "\n";
  return text;
}

// A file system of its own of so many bytes, where the system lets us.
class SmallDisk {
 public:
  explicit SmallDisk(uint64_t bytes) {
    mounted_ = mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, ("size=" + std::to_string(bytes)).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_)
      umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::string path() const { return folder_.path() + "/store"; }
  bool set_read_only(bool on) const {
    return mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_REMOUNT | (on ? MS_RDONLY : 0), nullptr) == 0;
  }
  void fill(const std::string& name) const {
    std::FILE* file = std::fopen((folder_.path() + "/" + name).c_str(), "w");
    const std::string page(4096, 'x');
    while (std::fwrite(page.data(), 1, page.size(), file) == page.size() && std::fflush(file) == 0) {
    }
    std::fclose(file);
  }
  void remove(const std::string& name) const { std::filesystem::remove(folder_.path() + "/" + name); }

 private:
  TempFolder folder_;
  bool mounted_ = false;
};

#define NEEDS_SMALL_DISK(disk)                                        \
  if (!(disk).mounted()) {                                            \
    WARN("not tried: this system does not let the test mount tmpfs"); \
    return;                                                           \
  }

// From now on this system call on the file fails with the error, in the whole process.
bool fail_call(int number, int file, int error) {
  const auto argument = static_cast<unsigned>(offsetof(seccomp_data, args));
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(file), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

// The open descriptors of the file, as numbers.
std::vector<int> descriptors_of(const std::string& path) {
  std::vector<int> numbers;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    if (std::filesystem::read_symlink(entry.path(), ignored) == path)
      numbers.push_back(std::stoi(entry.path().filename()));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

TEST_CASE("a used-up disk budget makes a store read-only until retention has made room") {
  TempFolder folder;
  auto store = open_small(folder.path(), 8 * kMiB);
  open_logs(*store, Duration{100});
  CHECK(store->health().ok());
  int64_t at = 0;
  const Status full = fill_up(*store, at);
  REQUIRE(at > 200);
  CHECK(full.code() == Code::kResourceExhausted);
  CHECK_THAT(full.message(), Catch::Contains("the store's disk budget of 8MiB is used up") &&
                                 Catch::Contains("raise disk_budget, or let the logs keep less"));
  CHECK(store->health().to_string() == full.to_string());
  CHECK(store->stats().health.code() == Code::kResourceExhausted);
  CHECK(store->stats().refused >= 1);
  CHECK(range_text(*store, "l") == "0.." + std::to_string(at) + " " + std::to_string(at * 20'000) + "B");

  CHECK(*store->retain({at + 50}) > 0);
  CHECK(becomes_good(*store));
  CHECK(append(*store, at).ok());
  store.reset();
  CHECK(problems(folder.path()) == "");
}

TEST_CASE("what was taken in is still processed when the disk budget is used up") {
  TempFolder folder;
  auto store = open_small(folder.path(), 8 * kMiB);
  open_logs(*store, {});
  int64_t at = 0;
  REQUIRE(!fill_up(*store, at).ok());
  for (int64_t i = 1; i <= at; ++i)
    REQUIRE(process(*store, i).to_string() == "ok");
  CHECK(*store->position("region", "input", Partition(0)).value() == Offset(static_cast<uint64_t>(at)));
  CHECK(!append(*store, at).ok());
}

TEST_CASE("a store filled to its end by every kind of commit can always make room again") {
  for (const uint64_t budget : {1 * kMiB, 2 * kMiB, 16 * kMiB}) {
    TempFolder folder;
    auto store = open_small(folder.path(), budget);
    open_logs(*store, Duration{1000});
    int64_t at = 0;
    for (int round = 0; round < 3; ++round) {
      // To the end: what is taken in, then what regions write, then the smallest commits.
      (void)fill_up(*store, at);
      int64_t processed = at;
      while (processed < at + 50'000 && process(*store, processed).ok())
        ++processed;
      while (append(*store, at, 10).ok())
        ++at;
      REQUIRE(store->health().code() == Code::kResourceExhausted);
      const std::string end = std::to_string(store->range("l", Partition(0))->next.value());
      at += 10'000;
      REQUIRE(store->retain({at}).ok());
      REQUIRE(range_text(*store, "l") == end + ".." + end + " 0B");
      REQUIRE(becomes_good(*store));
      REQUIRE(append(*store, at).to_string() == "ok");
      // The second log is dropped by a topology that is changed to keep less.
      REQUIRE(store->open_log("out", {.partitions = 1, .retention = {.age = Duration{1}, .size = {}}}).ok());
      REQUIRE(store->retain({at + 100'000}).ok());
    }
    store.reset();
    CHECK(problems(folder.path()) == "");
  }
}

TEST_CASE("a store whose budget was lowered below what it holds opens and can make room") {
  TempFolder folder;
  int64_t at = 0;
  {
    auto store = open_small(folder.path(), 8 * kMiB);
    open_logs(*store, Duration{100});
    REQUIRE(!fill_up(*store, at).ok());
  }
  auto store = open_small(folder.path(), 2 * kMiB);
  CHECK(append(*store, at).code() == Code::kResourceExhausted);
  REQUIRE(store->retain({at + 1000}).ok());
  CHECK(becomes_good(*store));
  CHECK(append(*store, at).ok());
}

TEST_CASE("a full disk is met before a commit is written, leaves room for retention, and passes", "[integration]") {
  SmallDisk disk(12 * kMiB);
  NEEDS_SMALL_DISK(disk);
  auto store = open_small(disk.path(), 1024 * kMiB);
  open_logs(*store, Duration{100});
  int64_t at = 0;
  Status full = fill_up(*store, at);
  REQUIRE(at > 100);
  CHECK(full.code() == Code::kResourceExhausted);
  CHECK_THAT(full.message(), Catch::Contains("the disk under store") && Catch::Contains("is full"));
  CHECK(process(*store, 1).ok());
  CHECK(store->retain({at + 1000}).ok());
  CHECK(becomes_good(*store));
  CHECK(append(*store, at).ok());
  ++at;

  // The same with a disk that something else fills, to its last byte.
  (void)fill_up(*store, at);
  disk.fill("other");
  CHECK(append(*store, at).code() == Code::kResourceExhausted);
  CHECK(read_text(*store, "out") == "0+1:1");
  disk.remove("other");
  CHECK(store->retain({at + 1000}).ok());
  CHECK(becomes_good(*store));
  CHECK(append(*store, at).to_string() == "ok");
  store.reset();
  CHECK(problems(disk.path()) == "");
}

TEST_CASE("retention makes room on a disk that something else has filled to its last byte", "[integration]") {
  SmallDisk disk(12 * kMiB);
  NEEDS_SMALL_DISK(disk);
  auto store = open_small(disk.path(), 1024 * kMiB);
  open_logs(*store, Duration{100});
  int64_t at = 0;
  for (; at < 100; ++at)
    REQUIRE(append(*store, at).ok());
  disk.fill("other");
  (void)fill_up(*store, at);
  CHECK(store->retain({at + 1000}).ok());
  CHECK(becomes_good(*store));
  CHECK(append(*store, at).to_string() == "ok");
}

TEST_CASE("a store on a read-only disk can be read but not opened for writing", "[integration]") {
  SmallDisk disk(64 * kMiB);
  NEEDS_SMALL_DISK(disk);
  {
    auto store = open_small(disk.path(), 8 * kMiB);
    open_logs(*store, {});
    REQUIRE(append(*store, 1, 5).ok());
  }
  REQUIRE(disk.set_read_only(true));
  const auto refused = LmdbStore::open({.path = disk.path(), .map_bytes = 8 * kMiB});
  CHECK(refused.status().code() == Code::kFailedPrecondition);
  CHECK_THAT(refused.status().message(), Catch::Contains("Read-only file system"));
  CHECK(problems(disk.path()) == "");
  REQUIRE(disk.set_read_only(false));
  CHECK(read_text(*open_small(disk.path(), 8 * kMiB), "l") == "0+1:bbbbb");
}

TEST_CASE("a disk that fails, or becomes read-only, refuses commits, and nothing that was refused is there") {
  struct Trouble {
    int call, error;
    const char* text;
  };
  const Trouble trouble =
      GENERATE(Trouble{SYS_pwrite64, EIO, "Input/output error"}, Trouble{SYS_fdatasync, EIO, "Input/output error"},
               Trouble{SYS_pwrite64, EROFS, "Read-only file system"});
  TempFolder folder;
  CHECK(test::in_child([&] {
          auto store = open_small(folder.path(), 8 * kMiB);
          if (!store->open_log("l", {}).ok() || !append(*store, 1, 5).ok())
            return 1;
          const std::vector<int> files = descriptors_of(folder.path() + "/data.mdb");
          if (files.size() != 2 || !fail_call(trouble.call, files[0], trouble.error))
            return 2;
          const Status status = append(*store, 2, 5);
          if (status.code() != Code::kUnavailable || status.message().find(trouble.text) == std::string::npos)
            return 3;
          if (store->health().code() != Code::kUnavailable || append(*store, 3, 5).ok())
            return 4;
          if (read_text(*store, "l") != "0+1:bbbbb" || range_text(*store, "l") != "0..1 5B")
            return 5;
          return commit(*store, {}).ok() ? 7 : 6;
        }) == 7);
  CHECK(problems(folder.path()) == "");
  CHECK(read_text(*open_small(folder.path(), 8 * kMiB), "l") == "0+1:bbbbb");
}

// Whether the last commit happened is not known then, so nobody may be told either way, nor try it again.
TEST_CASE("a header that cannot be written leaves a store read-only until it is opened again") {
  TempFolder folder;
  CHECK(test::in_child([&] {
          auto opened = LmdbStore::open({.path = folder.path(), .map_bytes = 8 * kMiB});
          Store& store = **opened;
          if (!store.open_log("l", {}).ok() || !append(store, 1, 5).ok())
            return 1;
          const std::vector<int> files = descriptors_of(folder.path() + "/data.mdb");
          if (files.size() != 2 || !fail_call(SYS_pwrite64, files[1], EIO))
            return 2;
          if (append(store, 2, 5).code() != Code::kUnavailable)
            return 3;
          const Status later = append(store, 3, 5);
          if (later.code() != Code::kUnavailable || later.message().find("start the node again") == std::string::npos)
            return 4;
          return store.health().ok() ? 5 : 7;
        }) == 7);
  CHECK(problems(folder.path()) == "");
  const std::string log = read_text(*open_small(folder.path(), 8 * kMiB), "l");
  CHECK((log == "0+1:bbbbb" || log == "0+1:bbbbb 1+1:ccccc"));
}

TEST_CASE("a store whose commits fail is good again by itself when they succeed") {
  for (const char* point : {"store.write", "store.sync"}) {
    TempFolder folder;
    auto store = open_small(folder.path(), 8 * kMiB);
    open_logs(*store, {});
    REQUIRE(append(*store, 1, 5).ok());
    REQUIRE(set_faults(std::string(point) + ":fail", 1).ok());
    const Status status = append(*store, 2, 5);
    CHECK(status.code() == Code::kUnavailable);
    CHECK_THAT(status.message(), Catch::Contains(point) && Catch::Contains("nothing of this was stored"));
    CHECK(store->health().code() == Code::kUnavailable);
    CHECK(read_text(*store, "l") == "0+1:bbbbb");
    clear_faults();
    CHECK(becomes_good(*store));
    CHECK(append(*store, 3, 5).ok());
    CHECK(read_text(*store, "l") == "0+1:bbbbb 1+1:ddddd");
  }
}
