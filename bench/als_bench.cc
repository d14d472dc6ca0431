// Training speed of als on the shape of MovieLens 1M (6,040 × 3,706, 1,000,209 interactions), at 64 and 128 factors,
// against the machine's dense product and, if PENSTOCK_IMPLICIT_PYTHON names a Python that has it, against `implicit`
// (conjugate gradients, native), each in turn in the same run.
//
// Usage: als_bench [threads = 2] [rounds = 3]
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "bench/machine.h"
#include "bench/synthetic_interactions.h"
#include "models/als_trainer.h"

namespace penstock::bench {

double matrix_product_peak(int threads);

namespace {

using Clock = std::chrono::steady_clock;

struct Curve {
  std::vector<double> seconds;  // after each iteration, training only
  std::vector<double> ndcg;
};

double ndcg_at_10(const AlsTrainer& trainer, const SyntheticInteractions& data) {
  const Factors &users = trainer.users(), &items = trainer.items();
  std::vector<float> scores(items.rows);
  double sum = 0;
  for (int32_t user = 0; user < users.rows; ++user) {
    kernels().scores(items.values.data(), items.rows, items.width, users.row(user), scores.data());
    const float own = scores[data.held_out[user]];
    for (const int32_t seen : data.train.by_user.row_indices(user))
      scores[seen] = -1e30f;
    int64_t rank = 0;
    for (const float score : scores)
      rank += score > own;
    sum += rank < 10 ? 1 / std::log2(static_cast<double>(rank) + 2) : 0;
  }
  return sum / static_cast<double>(users.rows);
}

Curve train(const SyntheticInteractions& data, const AlsParameters& parameters, int threads, bool with_quality) {
  auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  AlsTrainer trainer(parameters, data.train, 1, threads);
  double spent = elapsed();
  Curve curve;
  for (int iteration = 0; iteration < parameters.iterations; ++iteration) {
    start = Clock::now();
    trainer.iterate();
    spent += elapsed();
    curve.seconds.push_back(spent);
    curve.ndcg.push_back(with_quality ? ndcg_at_10(trainer, data) : 0);
  }
  // The answer first: what each step claims to have gained is what a recount finds.
  const double recount = trainer.objective();
  if (std::abs(recount - trainer.tracked_objective()) > 2e-4 * recount) {
    std::printf("wrong answer: objective %.6f, recounted %.6f\n", trainer.tracked_objective(), recount);
    std::exit(1);
  }
  return curve;
}

Curve run_implicit(const std::string& python, const std::string& file, int factors, int iterations, float unobserved,
                   float regularization, int threads) {
  std::ostringstream command;
  command << python << " bench/implicit_baseline.py " << file << ' ' << factors << ' ' << iterations << ' '
          << unobserved << ' ' << regularization << ' ' << threads;
  Curve curve;
  FILE* pipe = popen(command.str().c_str(), "r");
  double seconds = 0, ndcg = 0;
  while (pipe != nullptr && std::fscanf(pipe, "%lf %lf", &seconds, &ndcg) == 2) {
    curve.seconds.push_back(seconds);
    curve.ndcg.push_back(ndcg);
  }
  if (pipe == nullptr || pclose(pipe) != 0) {
    std::printf("implicit did not run: %s\n", command.str().c_str());
    std::exit(1);
  }
  return curve;
}

// Of the last iterations' durations: the step schedule has settled there.
double median_iteration(const Curve& curve) {
  std::vector<double> durations;
  for (size_t i = curve.seconds.size() / 2; i < curve.seconds.size(); ++i)
    durations.push_back(curve.seconds[i] - curve.seconds[i - 1]);
  std::nth_element(durations.begin(), durations.begin() + durations.size() / 2, durations.end());
  return durations[durations.size() / 2];
}

double time_to(const Curve& curve, double ndcg) {
  for (size_t i = 0; i < curve.ndcg.size(); ++i) {
    if (curve.ndcg[i] >= ndcg)
      return curve.seconds[i];
  }
  return INFINITY;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Operations of one iteration with one step a row: two passes over the data, two rotations and a Gramian, for both
// sides.
double operations(int64_t entries, int64_t rows, int factors) {
  const auto k = static_cast<double>(factors);
  return 16 * k * static_cast<double>(entries) + 2 * static_cast<double>(rows) * k * k * 2 +
         static_cast<double>(rows) * k * k;
}

void run(int threads, int rounds) {
  constexpr int kIterations = 16;
  const SyntheticInteractions data = synthetic_interactions(6040, 3706, 1000209, 1);
  const char* python = std::getenv("PENSTOCK_IMPLICIT_PYTHON");
  std::string file = (std::filesystem::temp_directory_path() / "als_bench_XXXXXX").string();
  if (python != nullptr) {
    close(mkstemp(file.data()));
    write_interactions(data, file);
  }
  std::printf("kernels %s, %d threads, %lld interactions\n", std::string(kernels().name).c_str(), threads,
              static_cast<long long>(data.train.by_user.entries()));
  for (const int factors : {64, 128}) {
    AlsParameters parameters;
    parameters.factors = factors;
    parameters.iterations = kIterations;
    // The best NDCG@10 of a small grid for each of the two; `implicit` weighs its regularisation differently.
    parameters.unobserved_weight = 0.2f;
    parameters.regularization = factors == 64 ? 0.4f : 0.45f;
    const float implicit_regularization = factors == 64 ? 30 : 60;
    parameters.low_priority = false;
    std::vector<double> ours, theirs, ratios, to_quality, whole;
    for (int round = 0; round < rounds; ++round) {
      const double peak = matrix_product_peak(threads);
      const Curve mine = train(data, parameters, threads, python != nullptr);
      ours.push_back(median_iteration(mine));
      whole.push_back(mine.seconds[11]);
      const double rate = operations(data.train.by_user.entries(), 6040 + 3706, factors) / ours.back();
      std::printf(
          "factors %3d  round %d  %.2f ms/iteration  start and 12 iterations %.3f s  %.0f GFLOP/s, %.0f %% of the "
          "dense product's %.0f",
          factors, round, ours.back() * 1e3, whole.back(), rate * 1e-9, 100 * rate / peak, peak * 1e-9);
      if (python != nullptr) {
        const Curve baseline = run_implicit(python, file, factors, kIterations, 0.3f, implicit_regularization, threads);
        theirs.push_back(median_iteration(baseline));
        ratios.push_back(theirs.back() / ours.back());
        const double target = 0.99 * *std::max_element(baseline.ndcg.begin(), baseline.ndcg.end());
        to_quality.push_back(time_to(baseline, target) / time_to(mine, target));
        std::printf(
            "  | implicit %.1f ms/iteration: %.1fx; to 99 %% of its best NDCG@10 (%.4f, ours %.4f): %.3f s against "
            "%.3f s: %.1fx",
            theirs.back() * 1e3, ratios.back(), target / 0.99, *std::max_element(mine.ndcg.begin(), mine.ndcg.end()),
            time_to(mine, target), time_to(baseline, target), to_quality.back());
      }
      std::printf("\n");
    }
    std::printf("factors %3d  median %.2f ms/iteration, start and 12 iterations %.3f s", factors, median(ours) * 1e3,
                median(whole));
    if (python != nullptr)
      std::printf(", against implicit %.1fx an iteration, %.1fx to the same quality", median(ratios),
                  median(to_quality));
    std::printf("\n");
  }
  if (python != nullptr)
    unlink(file.c_str());
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  penstock::bench::print_machine();
  penstock::bench::run(argc > 1 ? std::atoi(argv[1]) : 2, argc > 2 ? std::atoi(argv[2]) : 3);
}
