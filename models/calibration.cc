#include "models/calibration.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "models/ftrl.h"

namespace penstock {
namespace {

constexpr double kMostLogOdds = 8;
// How firmly the fit is held at the model's own word: precisions of a normal prior.
constexpr double kSlopeTrust = 10;
constexpr double kInterceptTrust = 1;
constexpr double kLeastSlope = 0.05;  // scores that mean nothing are no reason to turn their order round
constexpr int kSteps = 5;

double loss_of(double probability, bool label) {
  return -std::log(std::clamp(label ? probability : 1 - probability, 1e-15, 1 - 1e-15));
}

double deviations(double sum, double variance) { return variance > 0 ? std::abs(sum) / std::sqrt(variance) : 0; }

void put(double value, std::string& out) {
  static_assert(std::endian::native == std::endian::little);
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

bool take(std::string_view& bytes, double& value) {
  if (bytes.size() < sizeof(value))
    return false;
  std::memcpy(&value, bytes.data(), sizeof(value));
  bytes.remove_prefix(sizeof(value));
  return true;
}

}  // namespace

size_t OnlineCalibration::bin_of(double log_odds) {
  const double at = (std::clamp(log_odds, -kMostLogOdds, kMostLogOdds) + kMostLogOdds) / (2 * kMostLogOdds) * kBins;
  return std::min(static_cast<size_t>(at), kBins - 1);
}

double OnlineCalibration::lower_end_of(size_t bin) {
  return static_cast<double>(bin) / kBins * 2 * kMostLogOdds - kMostLogOdds;
}

double OnlineCalibration::middle_of(size_t bin) { return lower_end_of(bin) + kMostLogOdds / kBins; }

// Newton's method on the log-likelihood of the bins and the prior, from the last fit, each step at most 1.
void OnlineCalibration::fit() {
  since_fit_ = 0;
  for (int step = 0; step < kSteps; ++step) {
    double slope_gradient = kSlopeTrust * (slope_ - 1), gradient = kInterceptTrust * intercept_;
    double slope_curve = kSlopeTrust, both_curve = 0, curve = kInterceptTrust;
    for (size_t b = 0; b < kBins; ++b) {
      const double cases = bins_[b].no + bins_[b].yes;
      if (cases == 0)
        continue;
      const double x = middle_of(b), p = sigmoid(slope_ * x + intercept_);
      const double error = cases * p - bins_[b].yes, weight = cases * p * (1 - p);
      slope_gradient += error * x;
      gradient += error;
      slope_curve += weight * x * x;
      both_curve += weight * x;
      curve += weight;
    }
    const double determinant = slope_curve * curve - both_curve * both_curve;
    slope_ -= std::clamp((curve * slope_gradient - both_curve * gradient) / determinant, -1.0, 1.0);
    intercept_ -= std::clamp((slope_curve * gradient - both_curve * slope_gradient) / determinant, -1.0, 1.0);
    slope_ = std::max(slope_, kLeastSlope);
  }
}

double OnlineCalibration::probability(double log_odds) const { return sigmoid(slope_ * log_odds + intercept_); }

void OnlineCalibration::halve() {
  for (Bin& bin : bins_)
    bin = {bin.no / 2, bin.yes / 2};
  for (ReliabilityBin& bin : reliability_)
    bin = {bin.count / 2, bin.mean_probability / 2, bin.share_true / 2};
  loss_ /= 2;
  uncalibrated_loss_ /= 2;
}

void OnlineCalibration::watch(double probability, bool label) {
  constexpr double kKept = 1 - 1 / kDriftCases;  // of a sum; of a variance its square
  const double error = (label ? 1 : 0) - probability, slant = 1 - 2 * probability;
  const double variance = probability * (1 - probability);
  drift_.excess = kKept * drift_.excess + error;
  drift_.excess_variance = kKept * kKept * drift_.excess_variance + variance;
  drift_.surprise = kKept * drift_.surprise + error * slant;
  drift_.surprise_variance = kKept * kKept * drift_.surprise_variance + slant * slant * variance;
}

void OnlineCalibration::learn(double log_odds, bool label) {
  const double calibrated = probability(log_odds);
  watch(calibrated, label);
  loss_ += loss_of(calibrated, label);
  uncalibrated_loss_ += loss_of(sigmoid(log_odds), label);
  ReliabilityBin& reliable =
      reliability_[std::min(static_cast<size_t>(calibrated * kReliabilityBins), kReliabilityBins - 1)];
  ++reliable.count;
  reliable.mean_probability += calibrated;
  reliable.share_true += label ? 1 : 0;
  Bin& bin = bins_[bin_of(log_odds)];
  ++(label ? bin.yes : bin.no);
  if (++since_fit_ < kRefitEvery)
    return;
  double cases = 0;
  for (const Bin& each : bins_)
    cases += each.no + each.yes;
  if (cases >= window_)
    halve();
  fit();
}

// The slope is positive, so a threshold of log-odds is one of probability.
void OnlineCalibration::find_threshold(double yes, Quality& out) const {
  double best = 0, right = 0, chosen = 0;
  for (size_t bin = kBins; bin-- > 0;) {
    right += bins_[bin].yes;
    chosen += bins_[bin].yes + bins_[bin].no;
    const double f1 = 2 * right / (chosen + yes);
    if (!(f1 > best))
      continue;
    best = f1;
    out.precision = right / chosen;
    out.recall = right / yes;
    out.threshold = bin == 0 ? 0 : probability(lower_end_of(bin));
  }
}

OnlineCalibration::Quality OnlineCalibration::quality() const {
  Quality out;
  double yes = 0, no = 0, won = 0;
  for (const Bin& bin : bins_) {
    won += bin.yes * (no + bin.no / 2);
    yes += bin.yes;
    no += bin.no;
  }
  out.cases = yes + no;
  if (out.cases > 0) {
    out.share_true = yes / out.cases;
    out.log_loss = loss_ / out.cases;
    out.uncalibrated_log_loss = uncalibrated_loss_ / out.cases;
  }
  if (yes > 0 && no > 0)
    out.auc = won / (yes * no);
  if (yes > 0)
    find_threshold(yes, out);
  out.concept_drift = std::max(deviations(drift_.excess, drift_.excess_variance),
                               deviations(drift_.surprise, drift_.surprise_variance));
  for (const ReliabilityBin& bin : reliability_) {
    const double cases = std::max(1e-300, bin.count);
    out.reliability.push_back({bin.count, bin.mean_probability / cases, bin.share_true / cases});
  }
  out.calibration_error = expected_calibration_error(out.reliability);
  return out;
}

std::string OnlineCalibration::encode() const {
  std::string out;
  for (const Bin& bin : bins_) {
    put(bin.no, out);
    put(bin.yes, out);
  }
  for (const ReliabilityBin& bin : reliability_) {
    put(bin.count, out);
    put(bin.mean_probability, out);
    put(bin.share_true, out);
  }
  put(slope_, out);
  put(intercept_, out);
  put(loss_, out);
  put(uncalibrated_loss_, out);
  put(since_fit_, out);
  for (const double sum : {drift_.excess, drift_.excess_variance, drift_.surprise, drift_.surprise_variance})
    put(sum, out);
  return out;
}

Status OnlineCalibration::decode(std::string_view bytes) {
  bool whole = true;
  for (Bin& bin : bins_)
    whole = whole && take(bytes, bin.no) && take(bytes, bin.yes);
  for (ReliabilityBin& bin : reliability_)
    whole = whole && take(bytes, bin.count) && take(bytes, bin.mean_probability) && take(bytes, bin.share_true);
  double since = 0;
  whole = whole && take(bytes, slope_) && take(bytes, intercept_);
  whole = whole && take(bytes, loss_) && take(bytes, uncalibrated_loss_) && take(bytes, since);
  Drift drift;
  if (!bytes.empty())
    for (double* sum : {&drift.excess, &drift.excess_variance, &drift.surprise, &drift.surprise_variance})
      whole = whole && take(bytes, *sum);
  drift_ = drift;
  if (!whole || !bytes.empty() || !(since >= 0 && since < kRefitEvery))
    return data_loss("a calibration has the wrong length");
  since_fit_ = static_cast<uint32_t>(since);
  return ok();
}

}  // namespace penstock
