// Serving speed of als at 64 factors: fold-in by length of the history; the ten best for all users of the shape of
// MovieLens 1M, what they have seen masked, with and without a filter; and for one user, of catalogues of 10 thousand,
// 100 thousand and 1 million items.
//
// usage: bench_recommend [THREADS=2] [batch: only the users' batches]
// Compares with PyPI `implicit` if PENSTOCK_IMPLICIT_PYTHON names a Python that has it; run from the repository's root.
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
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

// Seconds of the quickest of some rounds of `work(first user, last user + 1)` over all users, shared among threads.
double quickest(int32_t users, int threads, const std::function<void(int32_t, int32_t)>& work) {
  constexpr int32_t kChunk = 256;
  double best = INFINITY;
  for (int round = 0; round < 5; ++round) {
    std::atomic<int32_t> next = 0;
    const auto start = Clock::now();
    std::vector<std::thread> team;
    for (int thread = 0; thread < threads; ++thread) {
      team.emplace_back([&] {
        for (int32_t user = next.fetch_add(kChunk); user < users; user = next.fetch_add(kChunk))
          work(user, std::min(users, user + kChunk));
      });
    }
    for (std::thread& thread : team)
      thread.join();
    best = std::min(best, since(start));
  }
  return best;
}

// implicit's seconds without and with a further filter; 0 if there is none to ask.
std::array<double, 2> time_implicit(const SyntheticInteractions& data, int threads) {
  const char* python = std::getenv("PENSTOCK_IMPLICIT_PYTHON");
  if (python == nullptr)
    return {};
  std::string file = (std::filesystem::temp_directory_path() / "recommend_bench_XXXXXX").string();
  close(mkstemp(file.data()));
  write_interactions(data, file);
  const std::string command =
      std::string(python) + " bench/implicit_recommend.py " + file + " 64 " + std::to_string(threads);
  std::array<double, 2> best = {INFINITY, INFINITY};
  FILE* pipe = popen(command.c_str(), "r");
  double seconds = 0;
  for (int round = 0; pipe != nullptr && std::fscanf(pipe, "%lf", &seconds) == 1; ++round)
    best[round / 5] = std::min(best[round / 5], seconds);
  const bool ran = pipe != nullptr && pclose(pipe) == 0;
  std::filesystem::remove(file);
  if (!ran) {
    std::printf("implicit did not run: %s\n", command.c_str());
    std::exit(1);
  }
  return best;
}

void time_batches(const SyntheticInteractions& data, const AlsSnapshot& snapshot, int threads) {
  const int32_t users = data.train.by_user.rows;
  std::vector<std::vector<ItemWeight>> histories;
  std::vector<AlignedFloats> vectors;
  for (int32_t user = 0; user < users; ++user) {
    histories.push_back(history_of(data, user));
    vectors.push_back(snapshot.user_factors(histories.back()));
  }
  ItemSet half(static_cast<int64_t>(snapshot.items().size()));
  for (int32_t item = 1; item < half.size(); item += 2)
    half.insert(item);
  const std::array<double, 2> implicit = time_implicit(data, threads);
  for (const bool filtered : {false, true}) {
    const ItemSet* allowed = filtered ? &half : nullptr;
    const auto query = [&](int32_t user) {
      return ModelQuery{.history = histories[user], .allowed = allowed, .n = 10};
    };
    std::vector<std::vector<ScoredItem>> answers(users), by_vectors(users);
    const double whole = quickest(users, threads, [&](int32_t begin, int32_t end) {
      std::vector<ModelQuery> queries;
      for (int32_t user = begin; user < end; ++user)
        queries.push_back(query(user));
      auto of_users = snapshot.recommend_many(queries);
      std::move(of_users.begin(), of_users.end(), answers.begin() + begin);
    });
    const double search = quickest(users, threads, [&](int32_t begin, int32_t end) {
      std::vector<ItemMask> masks;
      std::vector<BestItems> best(end - begin, BestItems(10));
      std::vector<SearchTask> tasks;
      masks.reserve(end - begin);
      for (int32_t user = begin; user < end; ++user) {
        masks.emplace_back(query(user));
        tasks.push_back({vectors[user].data(), &masks.back(), &best[user - begin]});
      }
      snapshot.search().search_many({snapshot.state().factors}, tasks);
      for (int32_t user = begin; user < end; ++user)
        by_vectors[user] = std::move(best[user - begin]).sorted();
    });
    for (int32_t user = 0; user < users; ++user) {
      if (answers[user] != snapshot.recommend(query(user)) || answers[user] != by_vectors[user]) {
        std::printf("wrong answer: user %d is not answered in a batch as alone\n", user);
        std::exit(1);
      }
    }
    std::printf(
        "top 10 of 3,706 items for all 6,040 users, seen masked%s, %d threads, %s: search %.4f s, with fold-in %.4f s",
        filtered ? " and half of the items filtered" : "", threads, snapshot.retrieval().method.c_str(), search, whole);
    if (implicit[filtered] > 0)
      std::printf("; implicit %.4f s: %.1f and %.1f times", implicit[filtered], implicit[filtered] / search,
                  implicit[filtered] / whole);
    std::printf("\n");
  }
}

void run(int threads, bool only_batches) {
  const SyntheticInteractions data = synthetic_interactions(6040, 3706, 1000209, 1);
  AlsParameters parameters;
  parameters.low_priority = false;
  Silent silent;
  const ModelSnapshotPtr fitted = make_als(parameters).value()->fit(data.train, {1, threads}, silent).value();
  const auto& snapshot = static_cast<const AlsSnapshot&>(*fitted);

  time_batches(data, snapshot, threads);
  if (only_batches)
    return;

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

  time_catalogue(data, snapshot, "3,706 items", 6000);
  time_catalogue(data, *enlarged(snapshot, 10000), "10,000 items", 6000);
  time_catalogue(data, *enlarged(snapshot, 100000), "100,000 items", 6000);
  time_catalogue(data, *enlarged(snapshot, 1000000), "1,000,000 items", 2000);
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  penstock::bench::print_machine();
  penstock::bench::run(argc > 1 ? std::atoi(argv[1]) : 2, argc > 2);
}
