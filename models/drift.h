// How far data have moved away from what a model was trained on: histograms of then and now over the same bins, and two
// distances between them. Plain functions and values.
//
//   PSI = Σ (a_i − e_i) ln(a_i / e_i)            over shares of now (a) and then (e); below 0.1 little, above 0.25 much
//   JS  = √(½ KL(a ‖ m) + ½ KL(e ‖ m)), m = ½ (a + e), logarithms of base 2: a distance from 0 to 1
//
// For PSI half a case is added to each bin, so that an empty one does not make it infinite.
// Sources: Siddiqi, "Credit risk scorecards", 2006; Lin, "Divergence measures based on the Shannon entropy", IEEE Trans.
// Inf. Theory 37(1), 1991.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ids.h"
#include "core/units.h"

namespace penstock {

/// Requires of both: as many bins; something in each histogram, else the distance is 0.
double population_stability_index(std::span<const uint64_t> now, std::span<const uint64_t> then);
double jensen_shannon_distance(std::span<const uint64_t> now, std::span<const uint64_t> then);

/// Bins of a column of numbers: ten that held equally many values then, and one for what is missing.
class NumberBins {
 public:
  static constexpr size_t kBins = 10;
  explicit NumberBins(std::vector<double> reference);
  size_t size() const { return boundaries_.size() + 2; }
  /// NaN is missing.
  size_t bin(double value) const;

 private:
  std::vector<double> boundaries_;  // ascending, no two alike
};

/// Bins of a column of texts: one for each of the twenty most frequent then, one for the rest, one for what is missing.
class TextBins {
 public:
  static constexpr size_t kMost = 20;
  explicit TextBins(const std::unordered_map<std::string, uint64_t>& reference);
  size_t size() const { return bins_.size() + 2; }
  size_t bin(const std::string& value) const;
  size_t missing() const { return bins_.size() + 1; }

 private:
  std::unordered_map<std::string, size_t> bins_;
};

/// How far the scores that a version gives have moved from those it gave first: the best score of each live question. A value
/// with one owner.
class ScoreDrift {
 public:
  static constexpr size_t kReference = 1'000;  // scores
  static constexpr size_t kMostScores = 20'000;
  explicit ScoreDrift(Duration window) : window_(window) {}

  /// The scores of a new version begin anew.
  void add(uint64_t version, double score, Timestamp now);
  struct Distances {
    uint64_t values = 0;
    double psi = 0, jensen_shannon = 0;
  };
  /// None until there is a reference, and something since.
  std::optional<Distances> distances(Timestamp now) const;

 private:
  Duration window_;
  uint64_t version_ = 0;
  std::vector<double> reference_;
  std::optional<NumberBins> bins_;
  std::vector<uint64_t> then_;
  struct Scored {
    Timestamp at;
    size_t bin;
  };
  std::deque<Scored> scored_;  // oldest first
};

}  // namespace penstock
