#include "models/ftrl.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/random.h"

namespace penstock {

double sigmoid(double log_odds) {
  if (log_odds >= 0)
    return 1 / (1 + std::exp(-log_odds));
  const double odds = std::exp(log_odds);
  return odds / (1 + odds);
}

double logit(double probability) { return std::log(probability) - std::log1p(-probability); }

Ftrl::Ftrl(const FtrlParameters& parameters) : parameters_(parameters) {
  parameters_.buckets = std::max<uint32_t>(2, parameters_.buckets);
  slots_.resize(parameters_.buckets);
}

uint32_t Ftrl::bucket(std::string_view feature) const {
  return 1 + static_cast<uint32_t>(XXH3_64bits(feature.data(), feature.size()) % (parameters_.buckets - 1));
}

double Ftrl::weight_of(const Slot& slot, bool bias) const {
  const double z = slot.z, l1 = bias ? 0 : parameters_.l1, l2 = bias ? 0 : parameters_.l2;
  if (std::abs(z) <= l1)
    return 0;
  const double rate = (parameters_.beta + std::sqrt(static_cast<double>(slot.n))) / parameters_.alpha;
  return -(z - std::copysign(l1, z)) / (rate + l2);
}

float Ftrl::weight(uint32_t bucket) const { return static_cast<float>(weight_of(slots_[bucket], bucket == kBias)); }

double Ftrl::score(std::span<const FtrlInput> inputs) const {
  double sum = weight_of(slots_[kBias], true);
  for (const FtrlInput& input : inputs)
    sum += input.value * weight_of(slots_[input.bucket], false);
  return sum;
}

void Ftrl::update(uint32_t bucket, double gradient) {
  Slot& slot = slots_[bucket];
  const double before = std::sqrt(static_cast<double>(slot.n));
  const double n = slot.n + gradient * gradient;
  const double sigma = (std::sqrt(n) - before) / parameters_.alpha;
  slot.z = static_cast<float>(slot.z + gradient - sigma * weight_of(slot, bucket == kBias));
  slot.n = static_cast<float>(n);
}

double Ftrl::learn(std::span<const FtrlInput> inputs, bool label, double weight) {
  const double log_odds = score(inputs);
  const double error = weight * (sigmoid(log_odds) - (label ? 1 : 0));
  update(kBias, error);
  for (const FtrlInput& input : inputs)
    update(input.bucket, error * input.value);
  return log_odds;
}

Ftrl fit_ftrl(const FtrlParameters& parameters, std::span<const FtrlExample> examples, int epochs, uint64_t seed) {
  Ftrl model(parameters);
  Random random(seed);
  std::vector<size_t> order(examples.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (int epoch = 0; epoch < epochs; ++epoch) {
    for (size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[random.below(i)]);
    for (const size_t i : order)
      model.learn(examples[i].inputs, examples[i].label, examples[i].weight);
  }
  return model;
}

}  // namespace penstock
