// The situation of a choice as a vector of fixed length: a 1, then for each declared feature its part. Immutable; any
// thread.
//
//   numeric      value / scale
//   categorical  a 1 at the place of the value among `values`; any other value: zeros
//   hashed       a 1 at XXH64(value) modulo `buckets`: for values that nobody can list
//
// A value that is missing, or not a number where one is expected, gives zeros.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

struct ContextFeature {
  enum class Kind { kNumeric, kCategorical, kHashed };
  std::string name;
  Kind kind = Kind::kNumeric;
  double scale = 1;                      // numeric; not 0
  std::vector<std::string> values = {};  // categorical
  size_t buckets = 16;                   // hashed; over 0
  size_t width() const { return kind == Kind::kNumeric ? 1 : kind == Kind::kCategorical ? values.size() : buckets; }
};

class BanditContext {
 public:
  explicit BanditContext(std::vector<ContextFeature> features);

  const std::vector<ContextFeature>& features() const { return features_; }
  /// Length of x.
  size_t dimension() const { return dimension_; }
  /// The situation in which nothing is known.
  std::vector<double> empty() const;
  /// Sets the part of the feature with that number. Requires: `x` came from empty().
  void set(size_t feature, double value, std::vector<double>& x) const;
  void set(size_t feature, std::string_view value, std::vector<double>& x) const;
  std::optional<size_t> find(std::string_view name) const;

 private:
  std::vector<ContextFeature> features_;
  std::vector<size_t> first_;  // of each feature's part
  size_t dimension_ = 1;
};

}  // namespace penstock
