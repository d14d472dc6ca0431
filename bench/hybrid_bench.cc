// Times one epoch of model `hybrid` (WARP) on the shape of MovieLens-1M and, if PENSTOCK_LIGHTFM_PYTHON names a Python that
// has it, of `lightfm` in the same run and on the same data; both are asked for NDCG@10 of a held-out item of each user.
//
// Usage: bench_hybrid [threads] [rounds] [epochs]; started in the project's folder.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/machine.h"
#include "bench/synthetic_interactions.h"
#include "models/hybrid.h"
#include "models/hybrid_result.h"
#include "models/kernels.h"
#include "models/workers.h"

namespace penstock::bench {
namespace {

struct Run {
  std::vector<double> seconds;  // of each epoch
  double ndcg = 0;
  double memory = 0;  // MB that the training added
};

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double ndcg(const HybridState& state, const SyntheticInteractions& data) {
  double sum = 0;
  std::vector<float> scores(state.items.size());
  for (int32_t user = 0; user < data.train.by_user.rows; ++user) {
    const float* x = state.users->vectors.row(state.users->row(data.train.users[user]));
    kernels().scores(state.vectors.values.data(), state.vectors.rows, state.vectors.width, x, scores.data());
    for (size_t item = 0; item < scores.size(); ++item)
      scores[item] += state.biases[item];
    for (const int32_t seen : data.train.by_user.row_indices(user))
      scores[seen] = -INFINITY;
    const auto better =
        std::count_if(scores.begin(), scores.end(), [&](float score) { return score > scores[data.held_out[user]]; });
    sum += better < 10 ? 1 / std::log2(static_cast<double>(better) + 2) : 0;
  }
  return sum / data.train.by_user.rows;
}

Run train(const SyntheticInteractions& data, const HybridParameters& parameters, int threads) {
  Run run;
  const double before = peak_megabytes();
  HybridTrainer trainer(parameters, data.train, 1, threads);
  for (int epoch = 0; epoch < parameters.epochs; ++epoch) {
    const auto begun = std::chrono::steady_clock::now();
    (void)trainer.epoch();
    run.seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  }
  run.memory = peak_megabytes() - before;
  run.ndcg = ndcg(hybrid_state(trainer, parameters, data.train), data);
  return run;
}

void write_data(const SyntheticInteractions& data, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  const SparseMatrix& matrix = data.train.by_user;
  const int64_t head[3] = {matrix.rows, matrix.columns, matrix.entries()};
  file.write(reinterpret_cast<const char*>(head), sizeof(head));
  std::vector<int32_t> users;
  for (int32_t user = 0; user < matrix.rows; ++user)
    users.insert(users.end(), matrix.row_indices(user).size(), user);
  for (const auto& numbers : {users, matrix.indices, data.held_out})
    file.write(reinterpret_cast<const char*>(numbers.data()),
               static_cast<std::streamsize>(numbers.size() * sizeof(int32_t)));
}

Run run_lightfm(const std::string& python, const std::string& file, const HybridParameters& parameters, int threads) {
  std::ostringstream command;
  command << python << " bench/lightfm_baseline.py " << file << ' ' << parameters.factors << ' ' << parameters.epochs
          << ' ' << parameters.learning_rate << ' ' << threads << " 2>/dev/null";
  Run run;
  FILE* pipe = popen(command.str().c_str(), "r");
  double seconds = 0, before = 0;
  while (pipe != nullptr && std::fscanf(pipe, "%lf %lf", &seconds, &run.ndcg) == 2) {
    run.seconds.push_back(seconds - before);
    before = seconds;
  }
  if (pipe != nullptr)
    (void)!std::fscanf(pipe, " memory %lf", &run.memory);
  if (pipe == nullptr || pclose(pipe) != 0 || run.seconds.empty()) {
    std::printf("lightfm did not run: %s\n", command.str().c_str());
    std::exit(1);
  }
  return run;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void run(int threads, int rounds, int epochs) {
  const SyntheticInteractions data = synthetic_interactions(6040, 3706, 1000209, 1);
  const char* python = std::getenv("PENSTOCK_LIGHTFM_PYTHON");
  std::string file = (std::filesystem::temp_directory_path() / "hybrid_bench_XXXXXX").string();
  if (python != nullptr) {
    close(mkstemp(file.data()));
    write_data(data, file);
  }
  HybridParameters parameters;
  parameters.epochs = epochs;
  parameters.learning_rate = 0.05f;
  parameters.low_priority = false;
  std::printf("kernels %s, %d threads, %lld interactions, %d factors, warp, %d epochs\n",
              std::string(kernels().name).c_str(), threads, static_cast<long long>(data.train.by_user.entries()),
              parameters.factors, epochs);
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    const Run mine = train(data, parameters, threads);
    std::printf("round %d  %.3f s/epoch  NDCG@10 %.4f  %.0f MB", round, median(mine.seconds), mine.ndcg, mine.memory);
    if (python != nullptr) {
      const Run baseline = run_lightfm(python, file, parameters, threads);
      ratios.push_back(median(baseline.seconds) / median(mine.seconds));
      std::printf("  | lightfm %.3f s/epoch: %.1fx  NDCG@10 %.4f  %.0f MB", median(baseline.seconds), ratios.back(),
                  baseline.ndcg, baseline.memory);
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  if (!ratios.empty())
    std::printf("median: %.1fx an epoch\n", median(ratios));
  if (python != nullptr)
    unlink(file.c_str());
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  penstock::bench::print_machine();
  penstock::bench::run(argc > 1 ? std::atoi(argv[1]) : 2, argc > 2 ? std::atoi(argv[2]) : 3,
                       argc > 3 ? std::atoi(argv[3]) : 12);
}
