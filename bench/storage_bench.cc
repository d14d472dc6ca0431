// The store on a disk: appends of encoded batches, deltas of an epoch, gets, start-up; and what the disk's sync costs in
// the same minute, since that decides the rest. The folder is the first argument, or a temporary one.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "bench/machine.h"
#include "core/random.h"
#include "storage/lmdb_store.h"

using namespace penstock;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

// Of this thread: what a figure would be on a machine that nobody else uses.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void must(const Status& status) {
  if (status.ok())
    return;
  std::fprintf(stderr, "storage_bench: %s\n", status.to_string().c_str());
  std::exit(1);
}

void must(bool right, const char* what) { must(right ? ok() : internal_error(std::string("wrong answer: ") + what)); }

std::string random_bytes(size_t size, uint64_t seed) {
  Random random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes)
    byte = static_cast<char>(random());
  return bytes;
}

std::unique_ptr<Store> open_store(const std::string& folder, Durability durability) {
  auto store = LmdbStore::open({.path = folder, .durability = durability});
  must(store.status());
  return std::move(store).value();
}

// Milliseconds of fdatasync after writing 4 KiB, median of 50.
double sync_milliseconds(const std::string& folder) {
  const std::string path = folder + "/sync";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY, 0644);
  const std::string page(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < 50; ++i) {
    if (pwrite(file, page.data(), page.size(), i * 4096) != 4096)
      break;
    const auto began = Clock::now();
    fdatasync(file);
    times.push_back(seconds_since(began) * 1e3);
  }
  close(file);
  unlink(path.c_str());
  std::sort(times.begin(), times.end());
  return times.empty() ? 0 : times[times.size() / 2];
}

// Megabytes a second of plain writes of 8 MiB, each followed by a sync.
double disk_megabytes(const std::string& folder) {
  const std::string path = folder + "/disk";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY, 0644);
  const std::string block = random_bytes(8 << 20, 5);
  const auto began = Clock::now();
  constexpr int kBlocks = 24;
  for (int i = 0; i < kBlocks; ++i) {
    if (write(file, block.data(), block.size()) < 0 || fdatasync(file) != 0)
      break;
  }
  const double rate = kBlocks * 8 * 1.048576 / seconds_since(began);
  close(file);
  unlink(path.c_str());
  return rate;
}

// Batches of `records` records of 200 bytes, some waiting at any time, as sources do it.
void appends(const std::string& folder, Durability durability, uint32_t records, uint64_t total) {
  const auto store = open_store(folder, durability);
  must(store->open_log("l", {}));
  const uint64_t batches = total / records;
  const std::string bytes = random_bytes(200 * size_t{records}, 1);
  std::atomic<uint64_t> done{0};
  const uint64_t most_waiting = std::max<uint64_t>(2, (16 << 20) / bytes.size());
  const auto began = Clock::now();
  for (uint64_t i = 0; i < batches; ++i) {
    while (i - done.load() >= most_waiting)
      done.wait(done.load());
    WriteBatch batch;
    batch.append("l", Partition(0), bytes, records, {});
    store->commit(std::move(batch), [&](const Committed& committed) {
      must(committed.status);
      ++done;
      done.notify_one();
    });
  }
  while (done.load() < batches)
    done.wait(done.load());
  const double seconds = seconds_since(began);
  must(store->range("l", Partition(0))->next.value() == batches * records, "the log's end");
  const auto last = store->read("l", Partition(0), Offset((batches - 1) * records), 1);
  must(last.ok() && last->at(0).bytes == bytes, "the last entry");
  std::printf("append  %-7s %5u records/batch  %6.2f M records/s  %5.0f MB/s\n",
              durability == Durability::kFull ? "full" : "relaxed", records, batches * records / seconds * 1e-6,
              batches * bytes.size() / seconds * 1e-6);
}

std::string key_of(uint64_t n) {
  std::string key(8, '\0');
  for (int i = 0; i < 8; ++i)
    key[i] = static_cast<char>(n >> (56 - 8 * i));
  return key;
}

// Epochs that change `changed` of `keys` keys (64-byte values), one after the other's acknowledgement; then gets and
// start-ups on what they leave.
void deltas(const std::string& folder, Durability durability, uint64_t keys, uint64_t changed, int epochs) {
  auto store = open_store(folder, durability);
  std::string value(64, 'v');
  for (uint64_t k = 0; k < keys;) {
    WriteBatch batch;
    for (int i = 0; i < 20'000 && k < keys; ++i, ++k)
      batch.put("t", key_of(splitmix64(k)), value);
    must(store->commit_and_wait(std::move(batch)).status);
  }
  Random random(3);
  double slowest = 0, busy = 0, building = 0;
  for (int e = 0; e < epochs; ++e) {
    const auto building_began = Clock::now();
    Delta delta;
    delta.reserve(changed);
    for (uint64_t i = 0; i < changed; ++i) {
      std::string next = value;
      std::snprintf(next.data(), next.size(), "%d", e);
      delta.emplace_back(key_of(splitmix64(random.below(keys))), std::move(next));
    }
    WriteBatch batch;
    batch.append_delta("t", std::move(delta));
    const auto began = Clock::now();
    building += std::chrono::duration<double>(began - building_began).count();
    must(store->commit_and_wait(std::move(batch)).status);
    const double seconds = seconds_since(began);
    busy += seconds;
    slowest = std::max(slowest, seconds);
  }
  std::printf(
      "delta   %-7s %5llu of %llu keys  %6.2f M keys/s  mean %.1f ms  slowest %.1f ms  changelog %.1f MB after\n",
      durability == Durability::kFull ? "full" : "relaxed", static_cast<unsigned long long>(changed),
      static_cast<unsigned long long>(keys), changed * epochs / busy * 1e-6, busy / epochs * 1e3, slowest * 1e3,
      static_cast<double>(store->stats().changelog_bytes) * 1e-6);

  constexpr uint64_t kGets = 500'000;
  auto began = Clock::now();
  double cpu = cpu_seconds();
  for (uint64_t i = 0; i < kGets; ++i) {
    const auto found = store->get("t", key_of(splitmix64(random.below(keys))));
    must(found.ok() && found->has_value() && (*found)->size() == 64, "a get");
  }
  std::printf("get     one thread                %6.2f M gets/s  (%.2f M per CPU second)\n",
              kGets / seconds_since(began) * 1e-6, kGets / (cpu_seconds() - cpu) * 1e-6);
  began = Clock::now();
  uint64_t seen = 0;
  must(store->scan("t", "", [&](std::string_view, std::string_view) { return ++seen > 0; }));
  must(seen == keys, "the keys of a scan");
  std::printf("scan    %llu keys              %6.2f M keys/s\n", static_cast<unsigned long long>(keys),
              keys / seconds_since(began) * 1e-6);

  store.reset();
  store = open_store(folder, durability);  // as it was left
  store.reset();
  began = Clock::now();
  store = open_store(folder, durability);
  std::printf("start   %llu keys, changelog of %.1f MB  %.3f s\n", static_cast<unsigned long long>(keys),
              static_cast<double>(store->stats().changelog_bytes) * 1e-6, seconds_since(began));
}

}  // namespace

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const fs::path folder =
      argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path() / ("penstock-bench-" + std::to_string(getpid()));
  fs::create_directories(folder);
  bench::print_machine();
  int round = 0;
  const auto fresh = [&] {
    const std::string path = (folder / std::to_string(round++)).string();
    fs::create_directories(path);
    return path;
  };
  std::printf("disk    fdatasync of 4 KiB %.2f ms, 8 MiB written and synced %.0f MB/s\n", sync_milliseconds(folder),
              disk_megabytes(folder));
  for (const Durability durability : {Durability::kFull, Durability::kRelaxed})
    for (const uint32_t records : {1u, 64u, 1024u, 8192u})
      appends(fresh(), durability, records, records == 1 ? 100'000 : records == 64 ? 1'000'000 : 4'000'000);
  for (const Durability durability : {Durability::kFull, Durability::kRelaxed})
    deltas(fresh(), durability, 1'000'000, 8192, 200);
  std::printf("disk    fdatasync of 4 KiB %.2f ms, 8 MiB written and synced %.0f MB/s\n", sync_milliseconds(folder),
              disk_megabytes(folder));
  fs::remove_all(folder);
}
