// How good probabilities of a yes-or-no outcome are. Plain functions.
#pragma once

#include <span>
#include <vector>

namespace penstock {

/// What was foretold, and what came.
struct Foretold {
  double probability;
  bool label;
};

/// Share of pairs of a yes and a no in which the yes has the higher probability; equal ones count half. 0.5 where there
/// are not both.
double area_under_curve(std::vector<Foretold> foretold);
/// Mean of −ln of the probability that what came had been given; probabilities are kept 1e-15 from 0 and 1.
double log_loss(std::span<const Foretold> foretold);

/// Those whose probability fell into one of `bins` equal parts of [0, 1].
struct ReliabilityBin {
  double count = 0;
  double mean_probability = 0;
  double share_true = 0;
};
std::vector<ReliabilityBin> reliability(std::span<const Foretold> foretold, size_t bins = 10);
/// Σ (count / all) · |mean probability − share true| over the bins.
/// Source: Naeini, Cooper, Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
double expected_calibration_error(std::span<const ReliabilityBin> bins);

}  // namespace penstock
