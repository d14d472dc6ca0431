// Serving speed of als at 64 factors: fold-in by length of the history; the ten best for a user, history masked, of
// catalogues of 10 thousand, 100 thousand and 1 million items; and for all users of the shape of MovieLens 1M.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "bench/large_catalogue.h"
#include "bench/machine.h"
#include "bench/synthetic_interactions.h"
#include "models/als_snapshot.h"
#include "models/als_trainer.h"
#include "models/dense.h"

namespace penstock::bench {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

class Silent final : public TrainingProgress {
 public:
  void step(size_t, size_t, const std::string&) override {}
};

std::vector<ItemWeight> history_of(const SyntheticInteractions& data, int32_t user) {
  std::vector<ItemWeight> history;
  for (const int32_t item : data.train.by_user.row_indices(user))
    history.push_back({item, 1});
  return history;
}

void print_percentiles(const char* what, std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  std::printf("%-46s p50 %9.2f µs  p99 %9.2f µs\n", what, seconds[seconds.size() / 2] * 1e6,
              seconds[seconds.size() * 99 / 100] * 1e6);
}

void check(const ModelSnapshot& snapshot, const std::vector<ItemWeight>& history) {
  std::vector<float> scores = snapshot.score_all({.history = history});
  for (const ItemWeight& seen : history)
    scores[seen.item] = -INFINITY;
  for (const ScoredItem& item : snapshot.recommend({.history = history, .n = 10})) {
    const auto best = std::max_element(scores.begin(), scores.end());
    if (item.item != best - scores.begin()) {
      std::printf("wrong answer: item %d, not %ld\n", item.item, static_cast<long>(best - scores.begin()));
      std::exit(1);
    }
    *best = -INFINITY;
  }
}

void time_catalogue(const SyntheticInteractions& data, const AlsSnapshot& snapshot, const char* name, int queries) {
  for (int32_t user = 0; user < 5; ++user)
    check(snapshot, history_of(data, user));
  std::vector<double> seconds, alone;
  for (int query = 0; query < queries; ++query) {
    const auto history = history_of(data, query % data.train.by_user.rows);
    auto start = Clock::now();
    const auto items = snapshot.recommend({.history = history, .n = 10});
    seconds.push_back(since(start));
    start = Clock::now();
    const AlignedFloats x = snapshot.user_factors(history);
    alone.push_back(seconds.back() - since(start));
  }
  print_percentiles((std::string("recommend 10 of ") + name).c_str(), seconds);
  print_percentiles("  of which the search", alone);
}

void run(int threads) {
  const SyntheticInteractions data = synthetic_interactions(6040, 3706, 1000209, 1);
  AlsParameters parameters;
  parameters.low_priority = false;
  Silent silent;
  const ModelSnapshotPtr fitted = make_als(parameters).value()->fit(data.train, {1, threads}, silent).value();
  const auto& snapshot = static_cast<const AlsSnapshot&>(*fitted);

  Random random(3);
  for (const size_t length : {5, 20, 100, 500}) {
    std::vector<double> seconds;
    for (int query = 0; query < 2000; ++query) {
      std::vector<ItemWeight> history;
      for (size_t n = 0; n < length; ++n)
        history.push_back({data.train.by_user.indices[random.below(data.train.by_user.indices.size())], 1});
      const auto start = Clock::now();
      const AlignedFloats x = snapshot.user_factors(history);
      seconds.push_back(since(start));
    }
    print_percentiles(("fold-in of " + std::to_string(length) + " interactions").c_str(), seconds);
  }

  for (int round = 0; round < 3; ++round) {
    std::atomic<int32_t> next = 0;
    const auto start = Clock::now();
    std::vector<std::thread> team;
    for (int thread = 0; thread < threads; ++thread) {
      team.emplace_back([&] {
        for (int32_t user = next++; user < data.train.by_user.rows; user = next++)
          (void)snapshot.recommend({.history = history_of(data, user), .n = 10});
      });
    }
    for (std::thread& thread : team)
      thread.join();
    std::printf("fold-in and top 10 of 3,706 items for all 6,040 users, %d threads: %.3f s\n", threads, since(start));
  }

  time_catalogue(data, snapshot, "3,706 items", 6000);
  time_catalogue(data, *enlarged(snapshot, 10000), "10,000 items", 6000);
  time_catalogue(data, *enlarged(snapshot, 100000), "100,000 items", 6000);
  time_catalogue(data, *enlarged(snapshot, 1000000), "1,000,000 items", 2000);
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  penstock::bench::print_machine();
  penstock::bench::run(argc > 1 ? std::atoi(argv[1]) : 2);
}
