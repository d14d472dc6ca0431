// The library's dense product, compiled for this machine's vectors, as the yardstick of als_bench.
#include <Eigen/Dense>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace penstock::bench {

double matrix_product_peak(int threads) {
  static constexpr int kSize = 768;
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int round = 0; round < 3; ++round) {
    std::vector<double> rates(threads);
    std::vector<std::thread> team;
    for (int thread = 0; thread < threads; ++thread) {
      team.emplace_back([&rates, thread] {
        const Eigen::MatrixXf a = Eigen::MatrixXf::Random(kSize, kSize), b = Eigen::MatrixXf::Random(kSize, kSize);
        Eigen::MatrixXf c(kSize, kSize);
        for (int repeat = 0; repeat < 8; ++repeat) {
          const auto start = Clock::now();
          c.noalias() = a * b;
          const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
          rates[thread] = std::max(rates[thread], 2.0 * kSize * kSize * kSize / seconds);
        }
      });
    }
    double sum = 0;
    for (int thread = 0; thread < threads; ++thread) {
      team[thread].join();
      sum += rates[thread];
    }
    best = std::max(best, sum);
  }
  return best;
}

}  // namespace penstock::bench
