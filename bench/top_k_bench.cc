// The ten items with the highest product with a user's vector, of a large catalogue made from learnt factors of 64 numbers:
// a plain scan, each method of models/retrieval.h, what its planner chooses, and hnswlib. Each answer is compared with the
// scan's first.
//
// usage: bench_top_k [ITEMS=100000] [varied|unit] [THREADS to build hnswlib's graph, 0 leaves it out =2] [FACTORS=64]
//        [graph: time our own graph too]
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "bench/hnswlib_rival.h"
#include "bench/large_catalogue.h"
#include "bench/machine.h"
#include "bench/synthetic_interactions.h"
#include "models/retrieval.h"

namespace penstock::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kWanted = 10;
constexpr int kQueries = 300;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

class Silent final : public TrainingProgress {
 public:
  void step(size_t, size_t, const std::string&) override {}
};

struct Workload {
  Factors items;
  std::vector<AlignedFloats> users;
  std::vector<std::vector<int32_t>> best;  // by the scan
};

Workload make_workload(int64_t count, bool unit, int factors) {
  const SyntheticInteractions data = synthetic_interactions(6040, 3706, 1000209, 1);
  AlsParameters parameters;
  parameters.factors = factors;
  parameters.low_priority = false;
  parameters.retrieval.method = RetrievalMethod::kScan;
  Silent silent;
  const auto learnt = make_als(parameters).value()->fit(data.train, {1, 2}, silent).value();
  const auto snapshot = enlarged(static_cast<const AlsSnapshot&>(*learnt), count);
  Workload workload;
  for (int32_t user = 0; user < kQueries; ++user) {
    std::vector<ItemWeight> history;
    for (const int32_t item : data.train.by_user.row_indices(user * 20))
      history.push_back({item, 1});
    workload.users.push_back(snapshot->user_factors(history));
  }
  const Factors& from = snapshot->state().factors;
  workload.items = Factors(count, factors);
  for (int64_t row = 0; row < count; ++row) {
    const double scale = unit ? 1 / std::max(norm(from.row(row), from.width), 1e-20) : 1;
    for (int j = 0; j < from.width; ++j)
      workload.items.row(row)[j] = static_cast<float>(scale * from.row(row)[j]);
  }
  return workload;
}

double share_found(const std::vector<int32_t>& answer, const std::vector<int32_t>& best) {
  size_t found = 0;
  for (const int32_t item : best)
    found += std::count(answer.begin(), answer.end(), item);
  return static_cast<double>(found) / static_cast<double>(best.size());
}

// One row of the table. `exact`: a wrong answer ends the program.
void time_search(const std::string& name, const Workload& workload, bool exact, size_t memory, double build_seconds,
                 const std::function<std::vector<int32_t>(const float* x)>& search) {
  std::vector<double> seconds;
  double recall = 0;
  for (int round = 0; round < 2; ++round) {
    seconds.clear();
    recall = 0;
    for (size_t user = 0; user < workload.users.size(); ++user) {
      const auto start = Clock::now();
      const std::vector<int32_t> answer = search(workload.users[user].data());
      seconds.push_back(since(start));
      recall += share_found(answer, workload.best[user]) / static_cast<double>(workload.users.size());
    }
  }
  if (exact && recall < 1 - 1e-9) {
    std::printf("wrong answer: %s finds %.4f of the best\n", name.c_str(), recall);
    std::exit(1);
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf("%-34s %8.3f %8.3f %8.4f %8.0f %8.2f\n", name.c_str(), seconds[seconds.size() / 2] * 1e3,
              seconds[seconds.size() * 99 / 100] * 1e3, recall, static_cast<double>(memory) / 1e6, build_seconds);
  std::fflush(stdout);
}

std::vector<int32_t> numbers(BestItems best) {
  std::vector<int32_t> items;
  for (const ScoredItem& item : std::move(best).sorted())
    items.push_back(item.item);
  return items;
}

void time_ours(const std::string& name, const Workload& workload, const RetrievalOptions& options) {
  const ItemVectors items{workload.items};
  const auto start = Clock::now();
  const FactorRetrieval retrieval(items, options);
  retrieval.wait_for_graph();
  const double build_seconds = since(start);
  const bool graph = retrieval.report().method == name_of(RetrievalMethod::kGraph);
  const ItemMask all;
  time_search(name + ": " + retrieval.report().method, workload, !graph, retrieval.memory(), build_seconds,
              [&](const float* x) {
                BestItems best(kWanted);
                retrieval.search(items, x, all, best);
                return numbers(std::move(best));
              });
}

void run(int64_t count, bool unit, int threads, int factors, bool own_graph) {
  Workload workload = make_workload(count, unit, factors);
  const ItemVectors items{workload.items};
  const ItemMask all;
  const auto scan = [&](const float* x) {
    BestItems best(kWanted);
    scan_items(items, 0, items.size(), {x, &all, &best});
    return numbers(std::move(best));
  };
  for (const AlignedFloats& x : workload.users)
    workload.best.push_back(scan(x.data()));
  std::printf("top %zu of %ld items, %d factors, %s norms, one core\n%-34s %8s %8s %8s %8s %8s\n", kWanted,
              static_cast<long>(count), factors, unit ? "unit" : "varied", "", "p50 ms", "p99 ms", "recall", "MB",
              "build s");
  time_search("plain scan of floats", workload, true, 0, 0, scan);
  time_ours("forced", workload, {.method = RetrievalMethod::kNormSorted});
  time_ours("forced", workload, {.method = RetrievalMethod::kInt8});
  time_ours("chosen", workload, {});
  if (own_graph)
    time_ours("forced", workload, {.method = RetrievalMethod::kGraph});
  if (threads == 0)
    return;
  const auto start = Clock::now();
  HnswlibRival rival(workload.items.values.data(), count, workload.items.width, threads);
  const double build_seconds = since(start);
  for (const size_t breadth : {16, 64, 256}) {
    rival.set_breadth(breadth);
    time_search("hnswlib, ef " + std::to_string(breadth), workload, false, rival.memory(), build_seconds,
                [&](const float* x) { return rival.search(x, kWanted); });
  }
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  penstock::bench::print_machine();
  const auto number = [&](int place, int otherwise) { return argc > place ? std::atoi(argv[place]) : otherwise; };
  penstock::bench::run(number(1, 100000), argc > 2 && std::strcmp(argv[2], "unit") == 0, number(3, 2), number(4, 64),
                       argc > 5 && std::strcmp(argv[5], "graph") == 0);
}
