#include "bench/als_runs.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <sys/resource.h>
#include <unistd.h>

#include "models/als_trainer.h"

namespace penstock::bench {
namespace {

using Clock = std::chrono::steady_clock;

double megabytes_used() {
  std::ifstream pages("/proc/self/statm");
  double all = 0, resident = 0;
  pages >> all >> resident;
  return resident * 4096e-6;
}

double megabytes_at_peak() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024e-6;
}

struct Data {
  Interactions train;
  std::vector<int32_t> held_out;
};

Data read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  int64_t head[3] = {};
  in.read(reinterpret_cast<char*>(head), sizeof(head));
  Data out;
  SparseMatrix& matrix = out.train.by_user;
  matrix.rows = static_cast<int32_t>(head[0]);
  matrix.columns = static_cast<int32_t>(head[1]);
  const auto take = [&](std::vector<int32_t>& numbers, int64_t count) {
    numbers.resize(count);
    in.read(reinterpret_cast<char*>(numbers.data()), static_cast<std::streamsize>(count * sizeof(int32_t)));
  };
  {
    std::vector<int32_t> users;
    take(users, head[2]);
    matrix.pointers.assign(head[0] + 1, 0);
    for (const int32_t user : users)
      ++matrix.pointers[user + 1];
    for (int64_t user = 0; user < head[0]; ++user)
      matrix.pointers[user + 1] += matrix.pointers[user];
  }
  take(matrix.indices, head[2]);
  take(out.held_out, head[0]);
  matrix.values.assign(matrix.indices.size(), 1.0f);
  out.train.by_item = matrix.transposed();
  if (!in) {
    std::printf("cannot read %s\n", path.c_str());
    std::exit(1);
  }
  return out;
}

double ndcg_at_10(const AlsTrainer& trainer, const Data& data, int64_t judged) {
  const Factors &users = trainer.users(), &items = trainer.items();
  std::vector<float> scores(items.rows);
  double sum = 0;
  judged = std::min(judged, users.rows);
  for (int32_t user = 0; user < judged; ++user) {
    if (data.held_out[user] < 0)
      continue;
    kernels().scores(items.values.data(), items.rows, items.width, users.row(user), scores.data());
    const float own = scores[data.held_out[user]];
    for (const int32_t seen : data.train.by_user.row_indices(user))
      scores[seen] = -1e30f;
    const int64_t rank = std::count_if(scores.begin(), scores.end(), [own](float score) { return score > own; });
    sum += rank < 10 ? 1 / std::log2(static_cast<double>(rank) + 2) : 0;
  }
  return sum / static_cast<double>(judged);
}

Curve read_curve(const std::string& command) {
  Curve curve;
  FILE* pipe = popen(command.c_str(), "r");
  char line[256];
  double first = 0, second = 0;
  while (pipe != nullptr && std::fgets(line, sizeof(line), pipe) != nullptr) {
    if (std::sscanf(line, "memory %lf %lf", &first, &second) == 2) {
      curve.base_megabytes = first;
      curve.peak_megabytes = second;
    } else if (std::sscanf(line, "%lf %lf", &first, &second) == 2) {
      curve.seconds.push_back(first);
      curve.ndcg.push_back(second);
    }
  }
  if (pipe == nullptr || pclose(pipe) != 0 || curve.seconds.size() < 2) {
    std::printf("did not run: %s\n", command.c_str());
    std::exit(1);
  }
  return curve;
}

}  // namespace

double Curve::median_iteration() const {
  std::vector<double> durations;  // of the last ones: the step schedule has settled there
  for (size_t i = seconds.size() / 2; i < seconds.size(); ++i)
    durations.push_back(seconds[i] - seconds[i - 1]);
  std::sort(durations.begin(), durations.end());
  return durations[durations.size() / 2];
}

double Curve::best_ndcg() const { return *std::max_element(ndcg.begin(), ndcg.end()); }

double Curve::seconds_to(double wanted_ndcg) const {
  for (size_t i = 0; i < ndcg.size(); ++i) {
    if (ndcg[i] >= wanted_ndcg)
      return seconds[i];
  }
  return INFINITY;
}

int train_here(int argc, char** argv) {
  if (argc != 9) {
    std::printf("usage: train FILE FACTORS ITERATIONS UNOBSERVED_WEIGHT REGULARIZATION THREADS JUDGED_USERS\n");
    return 1;
  }
  const Data data = read(argv[2]);
  AlsParameters parameters;
  parameters.factors = std::atoi(argv[3]);
  parameters.iterations = std::atoi(argv[4]);
  parameters.unobserved_weight = static_cast<float>(std::atof(argv[5]));
  parameters.regularization = static_cast<float>(std::atof(argv[6]));
  parameters.low_priority = false;
  const int64_t judged = std::atoll(argv[8]);
  const double base = megabytes_used();
  auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  AlsTrainer trainer(parameters, data.train, 1, std::atoi(argv[7]));
  double spent = elapsed();
  for (int iteration = 0; iteration < parameters.iterations; ++iteration) {
    start = Clock::now();
    trainer.iterate();
    spent += elapsed();
    std::printf("%.6f %.6f\n", spent, judged > 0 ? ndcg_at_10(trainer, data, judged) : 0.0);
  }
  std::printf("memory %.1f %.1f\n", base, megabytes_at_peak());
  // The answer first: what the passes found on their way is what a recount finds.
  const double recount = trainer.objective();
  if (std::abs(recount - trainer.tracked_objective()) > 5e-4 * recount) {
    std::printf("wrong answer: objective %.6f, recounted %.6f\n", trainer.tracked_objective(), recount);
    return 1;
  }
  return 0;
}

Curve run_ours(const AlsRun& run) {
  std::ostringstream command;
  command << "/proc/" << getpid() << "/exe train " << run.file << ' ' << run.ours.factors << ' ' << run.ours.iterations
          << ' ' << run.ours.unobserved_weight << ' ' << run.ours.regularization << ' ' << run.threads << ' '
          << run.judged_users;
  return read_curve(command.str());
}

bool has_implicit() { return std::getenv("PENSTOCK_IMPLICIT_PYTHON") != nullptr; }

Curve run_implicit(const AlsRun& run) {
  std::ostringstream command;
  command << std::getenv("PENSTOCK_IMPLICIT_PYTHON") << " bench/implicit_baseline.py " << run.file << ' '
          << run.ours.factors << ' ' << run.ours.iterations << " 0.3 " << run.implicit_regularization << ' '
          << run.threads << ' ' << run.judged_users;
  return read_curve(command.str());
}

}  // namespace penstock::bench
