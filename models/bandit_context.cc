#include "models/bandit_context.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace penstock {

BanditContext::BanditContext(std::vector<ContextFeature> features) : features_(std::move(features)) {
  for (const ContextFeature& feature : features_) {
    first_.push_back(dimension_);
    dimension_ += feature.width();
  }
}

std::vector<double> BanditContext::empty() const {
  std::vector<double> x(dimension_);
  x[0] = 1;
  return x;
}

std::optional<size_t> BanditContext::find(std::string_view name) const {
  for (size_t i = 0; i < features_.size(); ++i)
    if (features_[i].name == name)
      return i;
  return std::nullopt;
}

void BanditContext::set(size_t feature, double value, std::vector<double>& x) const {
  if (!std::isfinite(value))
    return;
  if (features_[feature].kind == ContextFeature::Kind::kNumeric) {
    x[first_[feature]] = value / features_[feature].scale;
    return;
  }
  char text[32];  // a number where a name is expected counts as its text
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  set(feature, std::string_view(text, static_cast<size_t>(end - text)), x);
}

void BanditContext::set(size_t feature, std::string_view value, std::vector<double>& x) const {
  const ContextFeature& declared = features_[feature];
  switch (declared.kind) {
    case ContextFeature::Kind::kNumeric: return;
    case ContextFeature::Kind::kCategorical: {
      const auto found = std::find(declared.values.begin(), declared.values.end(), value);
      if (found != declared.values.end())
        x[first_[feature] + static_cast<size_t>(found - declared.values.begin())] = 1;
      return;
    }
    case ContextFeature::Kind::kHashed:
      if (!value.empty())
        x[first_[feature] + XXH64(value.data(), value.size(), 0) % declared.buckets] = 1;
  }
}

}  // namespace penstock
