// Events taken in over HTTP and acknowledged when they are durable: how many a second, against what the disk takes when the
// same bytes are written to a plain file and synced, as many at once as the clients have on their way. Every count of
// acknowledged events is checked against the log.
//
//   bench_ingest [folder, default a temporary one] [seconds a line, default 3]
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
#include <vector>

#include "actors/components.h"
#include "actors/servers/api.h"
#include "actors/servers/http_server.h"
#include "actors/supervision/node_runtime.h"
#include "bench/http_load.h"
#include "bench/machine.h"
#include "config/settings.h"
#include "core/random.h"
#include "storage/lmdb_store.h"
#include "topology/check.h"

namespace penstock::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kTopology = R"(
name: bench
schemas:
  order: {order_id: {type: string, required: true}, shop: string, amount: float64, at: {type: timestamp, required: true}}
sources:
  plain: {type: http, path: /ingest/plain, schema: order, event_time: at}
  known: {type: http, path: /ingest/known, schema: order, event_time: at, id: order_id}
servers: {api: {type: http}}
)";

class SilentMonitor final : public monitoring::Monitor {
 public:
  void emit(const monitoring::Event&) override {}
};

void must(bool right, const std::string& what) {
  if (right)
    return;
  std::fprintf(stderr, "bench_ingest: %s\n", what.c_str());
  std::exit(1);
}

topology::Plan make_bench_plan() {
  auto checked = topology::check(kTopology, "bench", ".", catalogue(), settings_type(),
                                 [](const std::string&) { return std::nullopt; });
  must(checked.topology.has_value(), "the topology has mistakes");
  return topology::make_plan(std::move(*checked.topology));
}

/// JSON Lines of that many events with ids of their own, about 100 bytes each.
std::string events(uint64_t first, int count) {
  std::string body;
  for (int i = 0; i < count; ++i) {
    char line[160];
    const uint64_t n = first + static_cast<uint64_t>(i);
    std::snprintf(
        line, sizeof line,
        R"({"order_id":"%016llx","shop":"shop-%03llu","amount":%llu.%02llu,"at":"2026-01-01T%02llu:%02llu:00Z"})"
        "\n",
        static_cast<unsigned long long>(splitmix64(n)), static_cast<unsigned long long>(n % 500),
        static_cast<unsigned long long>(n % 900), static_cast<unsigned long long>(n % 100),
        static_cast<unsigned long long>(n / 60 % 24), static_cast<unsigned long long>(n % 60));
    body += line;
  }
  return body;
}

/// Bytes a second into a plain file: so many, then a sync, and again.
double raw_bytes(const std::string& folder, size_t bytes, double seconds) {
  const std::string path = folder + "/raw";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0644);
  Random random(1);
  std::string block(bytes, '\0');
  for (char& byte : block)
    byte = static_cast<char>(random());
  const auto began = Clock::now();
  uint64_t written = 0;
  double took = 0;
  while ((took = std::chrono::duration<double>(Clock::now() - began).count()) < seconds) {
    must(write(file, block.data(), block.size()) == static_cast<ssize_t>(bytes) && fdatasync(file) == 0,
         "cannot write " + path);
    written += bytes;
  }
  close(file);
  unlink(path.c_str());
  return static_cast<double>(written) / took;
}

/// How long the store's commits take, looked at every now and then.
class CommitTimes {
 public:
  explicit CommitTimes(const Store& store) : thread_([this, &store] { watch(store); }) {}
  /// In milliseconds, ascending.
  std::vector<double> stop() {
    enough_ = true;
    thread_.join();
    std::sort(times_.begin(), times_.end());
    return std::move(times_);
  }

 private:
  void watch(const Store& store) {
    for (uint64_t seen = store.stats().commits; !enough_; std::this_thread::sleep_for(std::chrono::microseconds(500)))
      if (const StoreStats stats = store.stats(); stats.commits != seen) {
        seen = stats.commits;
        times_.push_back(stats.last_commit_seconds * 1e3);
      }
  }

  std::atomic<bool> enough_ = false;
  std::vector<double> times_;
  std::thread thread_;
};

double percentile(const std::vector<double>& ascending, double p) {
  return ascending.empty() ? 0 : ascending[static_cast<size_t>(p * static_cast<double>(ascending.size() - 1))];
}

void measure(const std::string& folder, const std::string& source, double seconds) {
  const topology::Plan plan = make_bench_plan();
  SilentMonitor monitor;
  std::printf("\nsource %s%s\n", source.c_str(), source == "known" ? ": every record's id is looked up and kept" : "");
  std::printf("  %7s %6s %12s %9s %12s %7s %9s %9s %10s %10s\n", "clients", "batch", "events/s", "MB/s", "raw MB/s",
              "of raw", "p50 ms", "p99 ms", "commit p50", "commit p99");
  uint64_t next = 0;
  for (const int batch : {1, 100})
    for (const int clients : {1, 16, 256}) {
      std::filesystem::create_directories(folder);
      const std::string data = folder + "/" + source + "-" + std::to_string(batch) + "-" + std::to_string(clients);
      auto store = LmdbStore::open({.path = data});
      must(store.ok(), store.status().message());
      NodeRuntime node(plan, **store, penstock::Clock::system(), monitor, {});
      const Status started = node.start();
      must(started.ok(), started.message());
      Api api(node, monitor, penstock::Clock::system());
      auto server = HttpServer::listen({}, api.handler());
      must(server.ok(), server.status().message());
      const size_t bytes = events(0, batch).size();
      const double raw = raw_bytes(folder, bytes * static_cast<size_t>(clients), seconds / 3);
      CommitTimes times(**store);
      const LoadReport report = put_load((*server)->port(), clients, seconds, [&](uint64_t) {
        next += static_cast<uint64_t>(batch);
        return post_request("/ingest/" + source, "application/x-ndjson",
                            events(next - static_cast<uint64_t>(batch), batch));
      });
      const std::vector<double> commits = times.stop();
      must(report.failures == 0, "a request failed");
      const uint64_t taken = (*store)->range(source, Partition(0))->next.value();
      must(taken == report.answers * static_cast<uint64_t>(batch), "the log does not hold what was acknowledged");
      const double rate = static_cast<double>(taken) / report.seconds;
      const double sent = rate * static_cast<double>(bytes) / batch;
      std::printf("  %7d %6d %12.0f %9.2f %12.2f %6.0f%% %9.2f %9.2f %10.2f %10.2f\n", clients, batch, rate,
                  sent * 1e-6, raw * 1e-6, sent / raw * 100, report.percentile(0.5) * 1e3,
                  report.percentile(0.99) * 1e3, percentile(commits, 0.5), percentile(commits, 0.99));
      server->reset();
      node.stop(Duration{1'000'000});
    }
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const fs::path folder =
      argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path() / ("penstock-bench-" + std::to_string(getpid()));
  const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
  penstock::bench::print_machine();
  for (const char* source : {"plain", "known"})
    penstock::bench::measure(folder.string(), source, seconds);
  fs::remove_all(folder);
}
