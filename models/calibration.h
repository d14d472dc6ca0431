// From a score to a probability that means what it says: of the cases given 30 %, about 30 % come true. Learnt from what
// was foretold before the outcome was known, so that the model's own optimism does not count.
//
// Log-odds fall into bins; each bin counts what came true. Platt's sigmoid is fitted through the bins:
//
//   P(true | x) = σ(slope · x + intercept),  slope ≥ 0.05
//
// so the order of the scores stays, and with it ranking and AUC. Until much has been seen it stays near slope 1 and
// intercept 0, the model's own word. Once `window` cases are counted all counts are halved, so that what was long ago
// fades. Plain values with one owner; the same cases in the same order give the same state.
//
// Whether what is foretold still holds is a test of the newest cases, p what each was given and y what came, fading with a
// mean age of kDriftCases:
//
//   z1 = Σ (y − p) / √Σ p (1 − p),   z2 = Σ (y − p)(1 − 2p) / √Σ (1 − 2p)² p (1 − p)
//
// Both are about normal while the probabilities are right. z1 moves when outcomes become more or less frequent, z2 when they
// come to other cases than before: Spiegelhalter, "Probabilistic prediction in patient management and clinical trials",
// Statistics in Medicine 5, 1986.
//
// Source: Platt, "Probabilistic outputs for support vector machines", 1999, with a normal prior in place of his changed
// targets. (Isotonic regression, tried beside it, made ties that cost AUC where few cases are true.)
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"
#include "models/binary_metrics.h"

namespace penstock {

class OnlineCalibration {
 public:
  static constexpr size_t kBins = 128;  // of log-odds from −8 to 8; the first and last take what is beyond
  static constexpr double kDriftCases = 500;
  explicit OnlineCalibration(double window = 100'000) : window_(window) {}

  /// The probability for these log-odds, by what has been learnt up to now.
  double probability(double log_odds) const;
  /// What came of a case that had been given these log-odds. Measures, then learns.
  void learn(double log_odds, bool label);

  /// Of the cases up to now, newer ones counting more; each foretold before it was learnt.
  struct Quality {
    double cases = 0;
    double share_true = 0;
    double auc = 0.5;  // within a bin of log-odds all count as equal
    double log_loss = 0;
    double uncalibrated_log_loss = 0;
    double calibration_error = 0;
    // Of the cases given `threshold` or more, by what is learnt up to now, the share that came true, and of those that came
    // true the share among them: where F1 = 2 · precision · recall / (precision + recall) is greatest, to a bin of log-odds.
    double precision = 0, recall = 0, threshold = 1;
    // The greater of |z1| and |z2|: by how many standard deviations the newest outcomes contradict what was foretold.
    double concept_drift = 0;
    std::vector<ReliabilityBin> reliability = {};
  };
  Quality quality() const;

  /// state := (no yes: f64 × 2 for each bin) (count probability true: f64 × 3 for each of 10) slope:f64 intercept:f64
  ///          loss:f64 raw_loss:f64 since:f64 [drift: f64 × 4], numbers little-endian; older states have no drift.
  std::string encode() const;
  /// Errors: data_loss.
  Status decode(std::string_view bytes);

 private:
  static constexpr size_t kReliabilityBins = 10;
  static constexpr uint32_t kRefitEvery = 64;  // cases
  static size_t bin_of(double log_odds);
  static double lower_end_of(size_t bin);
  static double middle_of(size_t bin);
  void find_threshold(double yes, Quality& out) const;
  void fit();
  void watch(double probability, bool label);
  void halve();

  struct Bin {
    double no = 0, yes = 0;
  };
  double window_;
  std::array<Bin, kBins> bins_{};
  double slope_ = 1, intercept_ = 0;
  std::array<ReliabilityBin, kReliabilityBins> reliability_{};  // sums, not means
  double loss_ = 0, uncalibrated_loss_ = 0;
  uint32_t since_fit_ = 0;
  struct Drift {
    double excess = 0, excess_variance = 0;      // of z1
    double surprise = 0, surprise_variance = 0;  // of z2
  };
  Drift drift_;
};

}  // namespace penstock
