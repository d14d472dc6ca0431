// From a JSON Lines file of about 200 bytes a line to counts by key that are committed to disk: the whole path of a
// running node, with its actors and its store. First checks that the counts are right, then prints rows a second, and rows
// a second of CPU time (which the neighbours of a shared machine do not change much).
//
//   bench_pipeline [rows, default 2000000] [distinct keys, default 10000]
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "actors/components.h"
#include "actors/supervision/node_runtime.h"
#include "bench/machine.h"
#include "config/settings.h"
#include "core/random.h"
#include "storage/lmdb_store.h"
#include "topology/check.h"

using namespace penstock;

namespace {

class SilentMonitor final : public monitoring::Monitor {
 public:
  void emit(const monitoring::Event&) override {}
};

const char* const kTopology = R"(
name: bench
schemas:
  event:
    event_id: {type: int64, required: true}
    user_id: {type: int64, required: true}
    item_id: {type: int64, required: true}
    event: string
    price: float64
    quantity: int64
    category: string
    at: {type: timestamp, required: true}
sources:
  events: {type: file, path: events.jsonl, schema: event}
stages:
  kept: {type: filter, input: events, where: quantity > 0 AND event <> 'refund'}
  per_item: {type: reduce, input: kept, group_by: [item_id], aggregates: {events: count(*)}}
)";

std::vector<int64_t> write_events(const std::string& path, uint64_t rows, uint64_t keys) {
  std::vector<int64_t> counts(keys);
  std::ofstream out(path, std::ios::binary);
  Random random(1);
  std::string line;
  for (uint64_t i = 0; i < rows; ++i) {
    const uint64_t key = random.below(keys);
    const uint64_t quantity = random.below(4);
    counts[key] += quantity > 0;
    char text[256];
    std::snprintf(
        text, sizeof text,
        R"({"event_id":%llu,"user_id":%llu,"item_id":%llu,"event":"purchase","price":%llu.%02llu,)"
        R"("quantity":%llu,"category":"category-%llu","session":"%016llx","at":"2024-05-01T12:%02llu:%02llu.%03lluZ"})"
        "\n",
        static_cast<unsigned long long>(i), static_cast<unsigned long long>(random.below(1'000'000)),
        static_cast<unsigned long long>(key), static_cast<unsigned long long>(random.below(500)),
        static_cast<unsigned long long>(random.below(100)), static_cast<unsigned long long>(quantity),
        static_cast<unsigned long long>(key % 50), static_cast<unsigned long long>(random()),
        static_cast<unsigned long long>(i / 60000 % 60), static_cast<unsigned long long>(i / 1000 % 60),
        static_cast<unsigned long long>(i % 1000));
    out << text;
  }
  return counts;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int fail(const Status& status) {
  std::fprintf(stderr, "pipeline_bench: %s\n", status.message().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  const uint64_t keys = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000;
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "penstock-pipeline-bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::vector<int64_t> expected = write_events(folder / "events.jsonl", rows, keys);
  const uint64_t bytes = std::filesystem::file_size(folder / "events.jsonl");

  auto checked = topology::check(kTopology, "bench.yaml", folder.string(), catalogue(), settings_type(),
                                 [](const std::string&) { return std::nullopt; });
  for (const topology::Diagnostic& diagnostic : checked.diagnostics.list())
    std::fprintf(stderr, "%d:%d %s\n", diagnostic.place.line, diagnostic.place.column, diagnostic.text.c_str());
  if (!checked.topology)
    return 1;
  const topology::Plan plan = topology::make_plan(std::move(*checked.topology));
  LmdbOptions options;
  options.path = (folder / "store").string();
  auto store = LmdbStore::open(options);
  if (!store.ok())
    return fail(store.status());
  SilentMonitor monitor;
  {
    NodeRuntime node(plan, **store, Clock::system(), monitor, RuntimeOptions{});
    const double cpu_begun = cpu_seconds();
    const int64_t begun = Clock::system().monotonic_nanos();
    if (const Status status = node.start(); !status.ok())
      return fail(status);
    const auto committed = [&] {
      const auto position = (*store)->position(plan.regions.front().name, "events", Partition(0));
      return position.ok() && *position ? (*position)->value() : 0;
    };
    while (committed() < rows)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const double seconds = static_cast<double>(Clock::system().monotonic_nanos() - begun) * 1e-9;
    const double cpu = cpu_seconds() - cpu_begun;
    for (uint64_t key = 0; key < keys; ++key) {
      const auto row = node.view_row("per_item", {std::to_string(key)});
      if (!row.ok() || !*row || (*row)->column(1)->int64s()[0] != expected[key]) {
        std::fprintf(stderr, "pipeline_bench: the count of key %llu is wrong\n", static_cast<unsigned long long>(key));
        return 1;
      }
    }
    bench::print_machine();
    std::printf("%llu rows of %.0f bytes, %llu keys: every count is right\n", static_cast<unsigned long long>(rows),
                static_cast<double>(bytes) / static_cast<double>(rows), static_cast<unsigned long long>(keys));
    std::printf("%.2f s, %.3f million rows/s, %.3f million rows/s and core (%.2f s of CPU)\n", seconds,
                static_cast<double>(rows) / seconds * 1e-6, static_cast<double>(rows) / cpu * 1e-6, cpu);
  }
  store->reset();
  std::filesystem::remove_all(folder);
}
