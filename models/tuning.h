// Searches hyper-parameters: suggests what to try next from what was tried. First the given start, then points spread at
// random, then those where a Gaussian process expects the greatest improvement. A pure function of seed and trials, so a
// search that was interrupted goes on as if it had not been.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/registry.h"

namespace penstock {

/// What one parameter may be.
struct TuneRange {
  std::string name;
  ModelParameter::Kind kind = ModelParameter::Kind::kNumber;
  double low = 0, high = 1;
  bool log = false;                       // evenly by factor, not by difference
  std::vector<std::string> choices = {};  // of kBool and kChoice
};

/// `factors=16:256`, `regularization=0.01:10:log`, `by=users|weight`. Errors: invalid_argument (what, and what would be right).
Result<TuneRange> parse_range(const ModelType& type, std::string_view text);
/// Ranges of all numbers of the type that change what it learns: a quarter to four times the start's value for whole
/// numbers, a tenth to ten times for others, within what is allowed.
std::vector<TuneRange> default_ranges(const ModelType& type, const ParameterValues& start);

struct Trial {
  ParameterValues parameters;  // of the ranges
  double value = 0;            // more is better
};

class Tuner {
 public:
  enum class Search { kBayesian, kRandom };
  /// `start`: the values to try first; of the ranges' parameters.
  Tuner(std::vector<TuneRange> ranges, ParameterValues start, Search search, uint64_t seed)
      : ranges_(std::move(ranges)), start_(std::move(start)), search_(search), seed_(seed) {}

  ParameterValues suggest(std::span<const Trial> trials) const;
  const std::vector<TuneRange>& ranges() const { return ranges_; }

 private:
  using Point = std::vector<double>;  // in [0, 1), one for each range
  Point to_point(const ParameterValues& values) const;
  ParameterValues to_values(const Point& point) const;
  Point most_promising(std::span<const Trial> trials, uint64_t seed) const;

  std::vector<TuneRange> ranges_;
  ParameterValues start_;
  Search search_;
  uint64_t seed_;
};

}  // namespace penstock
