#include "models/als_trainer.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "models/als_start.h"
#include "models/dense.h"
#include "models/partition.h"

namespace penstock {
namespace {

// One step a row is enough once an iteration gains less than this share of the objective.
constexpr double kSmallGain = 0.01;
// A start at other factors is worth it if at least this share of the entries is about items that have some; rows that
// begin at 0 need more steps than those near their end.
constexpr double kMostlyKnown = 0.5;
constexpr int kWarmSteps = 3;

double norms(const Factors& factors, const AlsSide& side) {
  double sum = 0;
  for (int64_t row = 0; row < factors.rows; ++row)
    sum += static_cast<double>(side.lambda[row]) * kernels().dot(factors.row(row), factors.row(row), factors.width);
  return sum;
}

}  // namespace

AlsTrainer::AlsTrainer(const AlsParameters& parameters, const Interactions& interactions, uint64_t seed, int threads,
                       const AlsState* before)
    : parameters_(parameters),
      workers_(std::max(threads, 1), parameters.low_priority),
      users_(interactions.by_user.rows, parameters.factors),
      items_(interactions.by_item.rows, parameters.factors),
      user_side_(interactions.by_user, parameters, users_.width),
      item_side_(interactions.by_item, parameters, items_.width),
      entries_(static_cast<double>(std::max<int64_t>(1, interactions.by_user.entries()))) {
  if (before != nullptr && start_warm(*before, interactions))
    return;
  if (parameters.svd_start)
    start_at_svd(user_side_, item_side_, parameters.unobserved_weight, users_, items_, seed, workers_, memory_.packed);
  else
    start_at_noise(users_, items_, seed);
}

bool AlsTrainer::start_warm(const AlsState& before, const Interactions& interactions) {
  if (before.factors.factors != items_.factors)
    return false;
  std::unordered_map<std::string_view, int64_t> rows;
  for (size_t row = 0; row < before.items.size(); ++row)
    rows.emplace(before.items[row], static_cast<int64_t>(row));
  int64_t known = 0;
  for (size_t item = 0; item < interactions.items.size(); ++item) {
    const auto found = rows.find(interactions.items[item]);
    if (found == rows.end())
      continue;
    const float* y = before.factors.row(found->second);
    std::copy(y, y + items_.width, items_.row(static_cast<int64_t>(item)));
    known += item_side_.entries(static_cast<int32_t>(item));
  }
  if (static_cast<double>(known) < kMostlyKnown * entries_) {
    items_ = Factors(items_.rows, items_.factors);
    return false;
  }
  warm_ = true;
  if (parameters_.solver == AlsParameters::Solver::kExact)
    return true;  // the first iteration solves all users against these items
  (void)half_step_fast(half(true), kWarmSteps);
  const HalfStepResult of_items = half_step_fast(half(false), kWarmSteps);
  tracked_ = of_items.objective - of_items.gain;
  last_gain_ = tracked_ > 0 ? of_items.gain / tracked_ : 0;
  last_gain_ = std::max(last_gain_, 2 * kNothing);  // one iteration at least
  return true;
}

HalfStep AlsTrainer::half(bool users) {
  if (users)
    return {user_side_, item_side_, users_, items_, parameters_.unobserved_weight, workers_, memory_};
  return {item_side_, user_side_, items_, users_, parameters_.unobserved_weight, workers_, memory_};
}

int AlsTrainer::steps() const { return last_gain_ > kSmallGain ? 2 : 1; }

void AlsTrainer::iterate() {
  if (parameters_.solver == AlsParameters::Solver::kExact) {
    half_step_exact(half(true));
    half_step_exact(half(false));
    return;
  }
  const int steps_now = steps();
  const HalfStepResult of_users = half_step_fast(half(true), steps_now);
  const HalfStepResult of_items = half_step_fast(half(false), steps_now);
  tracked_ = of_items.objective - of_items.gain;
  last_gain_ = tracked_ > 0 ? (of_users.gain + of_items.gain) / tracked_ : 0;
}

double AlsTrainer::objective() {
  // α0 · sum over all pairs of (x·y)² = α0 · sum of the elements of XᵀX ∘ YᵀY
  const AlignedFloats of_users = gramian(users_, workers_), of_items = gramian(items_, workers_);
  double all_pairs = 0;
  for (size_t cell = 0; cell < of_users.size(); ++cell)
    all_pairs += static_cast<double>(of_users[cell]) * of_items[cell];

  const int64_t runs = static_cast<int64_t>(user_side_.runs.size()) - 1;
  std::vector<double> observed(runs);
  workers_.run(runs, [&](int64_t run, int) {
    AlignedFloats sums(users_.width);
    for (int32_t user = user_side_.runs[run]; user < user_side_.runs[run + 1]; ++user) {
      if (user_side_.target != nullptr) {
        observed[run] += explicit_error(user, sums);
        continue;
      }
      // sum of c (1 − s)² = sum of c + x · (sum of c (s − 2) y)
      std::fill(sums.data(), sums.data() + sums.size(), 0.0f);
      kernels().accumulate(users_.width)(items_.values.data(), users_.width, user_side_.indices(user),
                                         user_side_.confidences(user), user_side_.entries(user), users_.row(user), -2,
                                         1, sums.data());
      observed[run] +=
          static_cast<double>(user_side_.weight[user]) + kernels().dot(users_.row(user), sums.data(), users_.width);
    }
  });
  double total = parameters_.unobserved_weight * all_pairs + norms(users_, user_side_) + norms(items_, item_side_);
  for (const double of_run : observed)
    total += of_run;
  return total / entries_;
}

double AlsTrainer::explicit_error(int32_t user, AlignedFloats& sums) const {
  // sum of c (t − s)² = sum of c t² + x · (sum of c s y − 2 · sum of c t y)
  const Kernels::Accumulate accumulate = kernels().accumulate(users_.width);
  const auto add = [&](const float* confidences, float offset, float slope) {
    accumulate(items_.values.data(), users_.width, user_side_.indices(user), confidences, user_side_.entries(user),
               users_.row(user), offset, slope, sums.data());
  };
  std::fill(sums.data(), sums.data() + sums.size(), 0.0f);
  add(user_side_.targets(user), -2, 0);
  add(user_side_.confidences(user), 0, 1);
  return static_cast<double>(user_side_.target_squares[user]) +
         kernels().dot(users_.row(user), sums.data(), users_.width);
}

AlignedFloats AlsTrainer::rotate_to_item_basis() {
  const AlignedFloats gram = gramian(items_, workers_);
  SymmetricEigen eigen = symmetric_eigen(gram.data(), items_.factors, items_.width);
  rotate(users_, eigen.vectors, workers_);
  rotate(items_, eigen.vectors, workers_);
  return std::move(eigen.values);
}

}  // namespace penstock
