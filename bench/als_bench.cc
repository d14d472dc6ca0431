// Training and fold-in of als against PyPI `implicit` (conjugate gradients, native), each in turn in the same run and in
// a process of its own. A line of JSON for each row. Without PENSTOCK_IMPLICIT_PYTHON ours alone; bench/als.sh installs
// it and runs everything.
//
// Usage: als_bench [quick | speed | large | scaling FILE.svg | fold-in] [threads = 2] [rounds = 3]
//   speed    the shape of MovieLens 1M (6,040 × 3,706, 1,000,209 interactions), 64 and 128 factors
//   large    the shape of MovieLens 20M (138,493 × 26,744, about 20 million), 64 and 128 factors, fewer iterations
//   scaling  from 100 thousand to 20 million interactions, as a plot
//   fold-in  one user against given items, 64 factors
//   quick    speed, one round
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string_view>

#include <unistd.h>

#include "bench/als_runs.h"
#include "bench/large_interactions.h"
#include "bench/machine.h"
#include "bench/svg_plot.h"
#include "bench/synthetic_interactions.h"
#include "models/als_snapshot.h"
#include "models/packed_kernels.h"

namespace penstock::bench {
namespace {

class TemporaryFile {
 public:
  TemporaryFile() : path((std::filesystem::temp_directory_path() / "als_bench_XXXXXX").string()) {
    close(mkstemp(path.data()));
  }
  ~TemporaryFile() { unlink(path.c_str()); }
  std::string path;
};

void write_small(const std::string& path) {
  const SyntheticInteractions data = synthetic_interactions(6040, 3706, 1000209, 1);
  const SparseMatrix& matrix = data.train.by_user;
  const int64_t head[3] = {matrix.rows, matrix.columns, matrix.entries()};
  std::vector<int32_t> users;
  for (int32_t user = 0; user < matrix.rows; ++user)
    users.insert(users.end(), matrix.row_indices(user).size(), user);
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(head), sizeof(head));
  for (const std::vector<int32_t>* part : {&std::as_const(users), &matrix.indices, &data.held_out})
    out.write(reinterpret_cast<const char*>(part->data()),
              static_cast<std::streamsize>(part->size() * sizeof(int32_t)));
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void compare(const AlsRun& run, int rounds) {
  std::vector<double> ours, theirs, to_quality;
  Curve mine, baseline;
  for (int round = 0; round < rounds; ++round) {
    mine = run_ours(run);
    ours.push_back(mine.median_iteration());
    if (!has_implicit())
      continue;
    baseline = run_implicit(run);
    theirs.push_back(baseline.median_iteration());
    const double target = 0.99 * baseline.best_ndcg();
    to_quality.push_back(baseline.seconds_to(target) / mine.seconds_to(target));
  }
  std::printf(
      "{\"bench\": \"als\", \"shape\": \"%s\", \"factors\": %d, \"threads\": %d, \"rounds\": %d, "
      "\"ms_per_iteration\": %.2f, \"seconds_for_%d_iterations\": %.3f, \"ndcg@10\": %.4f, \"data_mb\": %.0f, "
      "\"peak_mb\": %.0f",
      run.shape.c_str(), run.ours.factors, run.threads, rounds, median(ours) * 1e3, run.ours.iterations,
      mine.seconds.back(), mine.best_ndcg(), mine.base_megabytes, mine.peak_megabytes);
  if (has_implicit()) {
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round)
      ratios.push_back(theirs[round] / ours[round]);
    std::printf(
        ", \"implicit_ms_per_iteration\": %.1f, \"implicit_ndcg@10\": %.4f, \"implicit_data_mb\": %.0f, "
        "\"implicit_peak_mb\": %.0f, \"times_per_iteration\": %.1f, \"times_to_99_percent_of_its_ndcg\": %.1f, "
        "\"lowest_and_highest\": [%.1f, %.1f]",
        median(theirs) * 1e3, baseline.best_ndcg(), baseline.base_megabytes, baseline.peak_megabytes, median(ratios),
        median(to_quality), *std::min_element(to_quality.begin(), to_quality.end()),
        *std::max_element(to_quality.begin(), to_quality.end()));
  }
  std::printf("}\n");
  std::fflush(stdout);
}

AlsRun run_of(const std::string& shape, const std::string& file, int factors, int iterations, int threads) {
  AlsRun run{.shape = shape, .file = file, .ours = {}, .implicit_regularization = factors == 64 ? 30.0f : 60.0f};
  run.ours.factors = factors;
  run.ours.iterations = iterations;
  run.ours.unobserved_weight = 0.2f;
  run.ours.regularization = factors == 64 ? 0.4f : 0.45f;
  run.threads = threads;
  return run;
}

void speed(int threads, int rounds) {
  const TemporaryFile file;
  write_small(file.path);
  for (const int factors : {64, 128})
    compare(run_of("movielens-1m", file.path, factors, 16, threads), rounds);
}

void large(int threads, int rounds) {
  const TemporaryFile file;
  write_large_interactions(file.path, 138'493, 26'744, 20'000'000, 1);
  for (const int factors : {64, 128})
    compare(run_of("movielens-20m", file.path, factors, 6, threads), rounds);
}

void scaling(const std::string& svg, int threads) {
  Plot plot{.title = "als: one iteration, " + std::to_string(threads) + " threads",
            .x_axis = "interactions",
            .y_axis = "milliseconds",
            .lines = {{"64 factors", {}}, {"128 factors", {}}}};
  if (has_implicit())
    plot.lines.push_back({"implicit, 64 factors", {}});
  for (const int64_t entries : {100'000, 300'000, 1'000'000, 3'000'000, 10'000'000, 20'000'000}) {
    const TemporaryFile file;
    const auto users = static_cast<int32_t>(entries / 144);
    const auto items = static_cast<int32_t>(6 * std::sqrt(static_cast<double>(entries)));
    write_large_interactions(file.path, users, items, entries, 1);
    for (size_t line = 0; line < plot.lines.size(); ++line) {
      AlsRun run = run_of("scaling", file.path, line == 1 ? 128 : 64, 5, threads);
      run.judged_users = 0;
      const Curve curve = line == 2 ? run_implicit(run) : run_ours(run);
      plot.lines[line].points.emplace_back(entries, curve.median_iteration() * 1e3);
      std::printf(
          "{\"bench\": \"als-scaling\", \"who\": \"%s\", \"interactions\": %lld, \"users\": %d, \"items\": %d, "
          "\"ms_per_iteration\": %.2f, \"peak_mb\": %.0f}\n",
          plot.lines[line].name.c_str(), static_cast<long long>(entries), users, items, curve.median_iteration() * 1e3,
          curve.peak_megabytes);
      std::fflush(stdout);
    }
  }
  std::ofstream(svg) << to_svg(plot);
}

struct NoProgress final : TrainingProgress {
  void step(size_t, size_t, const std::string&) override {}
};

// Histories of random items; the time of one solution, of very many.
void fold_in() {
  const SyntheticInteractions data = synthetic_interactions(6040, 3706, 1000209, 1);
  AlsParameters parameters;
  parameters.iterations = 4;
  NoProgress progress;
  const auto snapshot = std::static_pointer_cast<const AlsSnapshot>(
      make_als(parameters).value()->fit(data.train, {.seed = 1, .threads = 2}, progress).value());
  const FoldIn solver{snapshot->state().factors,
                      snapshot->state().d,
                      snapshot->state().unobserved_weight,
                      snapshot->state().regularization,
                      snapshot->state().frequency_exponent,
                      snapshot->state().trained_items};
  const TemporaryFile file;
  if (has_implicit())
    write_small(file.path);
  for (const int length : {20, 100, 500}) {
    Random random(7);
    AlignedFloats x(snapshot->state().factors.width);
    std::vector<double> micros;
    std::vector<ItemWeight> history;
    for (int user = 0; user < 4000; ++user) {
      history.clear();
      const auto first = static_cast<int32_t>(random.below(3706 - 7 * 500));
      for (int32_t i = 0; i < length; ++i)
        history.push_back({first + 7 * i, 1});
      const auto start = std::chrono::steady_clock::now();
      solver.solve(history, x.data());
      micros.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(micros.begin(), micros.end());
    std::printf("{\"bench\": \"als-fold-in\", \"factors\": 64, \"history\": %d, \"p50_us\": %.2f, \"p99_us\": %.2f",
                length, micros[micros.size() / 2], micros[micros.size() * 99 / 100]);
    if (has_implicit()) {
      const std::string command = std::string(std::getenv("PENSTOCK_IMPLICIT_PYTHON")) +
                                  " bench/implicit_baseline.py fold-in " + file.path + " " + std::to_string(length);
      FILE* pipe = popen(command.c_str(), "r");
      double p50 = 0, p99 = 0;
      if (pipe != nullptr && std::fscanf(pipe, "%lf %lf", &p50, &p99) == 2)
        std::printf(", \"implicit_p50_us\": %.1f, \"implicit_p99_us\": %.1f", p50, p99);
      if (pipe == nullptr || pclose(pipe) != 0)
        std::exit(1);
    }
    std::printf("}\n");
    std::fflush(stdout);
  }
}

int run(int argc, char** argv) {
  const std::string_view verb = argc > 1 ? argv[1] : "quick";
  if (verb == "train")
    return train_here(argc, argv);
  const int first = verb == "scaling" ? 3 : 2;
  const int threads = argc > first ? std::atoi(argv[first]) : 2;
  const int rounds = argc > first + 1 ? std::atoi(argv[first + 1]) : 3;
  print_machine();
  std::printf("kernels %s, %d threads\n", std::string(packed_kernels().name).c_str(), threads);
  std::fflush(stdout);
  if (verb == "speed" || verb == "quick")
    speed(threads, verb == "quick" ? 1 : rounds);
  else if (verb == "large")
    large(threads, std::min(rounds, 1));
  else if (verb == "scaling" && argc > 2)
    scaling(argv[2], threads);
  else if (verb == "fold-in")
    fold_in();
  else
    return std::printf("usage: als_bench [quick | speed | large | scaling FILE.svg | fold-in] [threads] [rounds]\n"), 2;
  return 0;
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) { return penstock::bench::run(argc, argv); }
