#include "models/binary_metrics.h"

#include <algorithm>
#include <cmath>

namespace penstock {

double area_under_curve(std::vector<Foretold> foretold) {
  std::sort(foretold.begin(), foretold.end(),
            [](const Foretold& a, const Foretold& b) { return a.probability < b.probability; });
  double yes = 0, no = 0, won = 0;
  for (size_t i = 0; i < foretold.size();) {
    double yes_here = 0, no_here = 0;
    for (const double here = foretold[i].probability; i < foretold.size() && foretold[i].probability == here; ++i)
      ++(foretold[i].label ? yes_here : no_here);
    won += yes_here * (no + no_here / 2);
    yes += yes_here;
    no += no_here;
  }
  return yes > 0 && no > 0 ? won / (yes * no) : 0.5;
}

double log_loss(std::span<const Foretold> foretold) {
  double sum = 0;
  for (const Foretold& each : foretold) {
    const double given = each.label ? each.probability : 1 - each.probability;
    sum -= std::log(std::clamp(given, 1e-15, 1 - 1e-15));
  }
  return foretold.empty() ? 0 : sum / static_cast<double>(foretold.size());
}

std::vector<ReliabilityBin> reliability(std::span<const Foretold> foretold, size_t bins) {
  std::vector<ReliabilityBin> out(bins);
  for (const Foretold& each : foretold) {
    const auto at = static_cast<size_t>(std::clamp(each.probability, 0.0, 1.0) * static_cast<double>(bins));
    ReliabilityBin& bin = out[std::min(at, bins - 1)];
    ++bin.count;
    bin.mean_probability += each.probability;
    bin.share_true += each.label ? 1 : 0;
  }
  for (ReliabilityBin& bin : out) {
    bin.mean_probability /= std::max(1.0, bin.count);
    bin.share_true /= std::max(1.0, bin.count);
  }
  return out;
}

double expected_calibration_error(std::span<const ReliabilityBin> bins) {
  double all = 0, sum = 0;
  for (const ReliabilityBin& bin : bins) {
    all += bin.count;
    sum += bin.count * std::abs(bin.mean_probability - bin.share_true);
  }
  return all > 0 ? sum / all : 0;
}

}  // namespace penstock
