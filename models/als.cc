#include "models/als.h"

#include <algorithm>
#include <new>

#include "models/als_parameters.h"
#include "models/als_snapshot.h"
#include "models/als_trainer.h"
#include "models/bytes.h"
#include "models/parameter_values.h"

namespace penstock {
namespace {

bool has_positive(const SparseMatrix& matrix) {
  for (const float value : matrix.values) {
    if (value > 0)
      return true;
  }
  return false;
}

class Als final : public Model {
 public:
  explicit Als(const AlsParameters& parameters) : given_(parameters), parameters_(parameters) {
    if (given_.feedback == AlsParameters::Feedback::kExplicit) {
      parameters_.unobserved_weight = 0;
      parameters_.frequency_exponent = 1;
      parameters_.svd_start = false;  // what nobody rated is not 0
    }
  }

  std::string_view type() const override { return "als"; }

  ParameterValues parameters() const override { return values_of(given_); }

  Result<ModelSnapshotPtr> fit(const Interactions& interactions, const FitOptions& options,
                               TrainingProgress& progress) const override {
    if (!has_positive(interactions.by_user))
      return invalid_argument("there is nothing to learn from: no interaction has a weight above 0");
    try {
      AlsTrainer trainer(parameters_, interactions, options.seed, options.threads, before(options));
      for (int iteration = 0; iteration < parameters_.iterations && !trainer.settled(); ++iteration) {
        if (progress.cancelled())
          return cancelled("the training was cancelled after " + std::to_string(iteration) + " iterations");
        trainer.iterate();
        std::string note;
        if (parameters_.solver == AlsParameters::Solver::kAuto)
          note = "objective " + parameter_text(static_cast<float>(trainer.tracked_objective()));
        progress.step(iteration + 1, parameters_.iterations, note);
      }
      return snapshot(trainer, interactions);
    } catch (const std::bad_alloc&) {
      return resource_exhausted("there is not enough memory to train " + std::to_string(parameters_.factors) +
                                " factors for " + std::to_string(interactions.users.size()) + " users and " +
                                std::to_string(interactions.items.size()) + " items");
    }
  }

  Result<ModelSnapshotPtr> load(std::string_view bytes) const override {
    return AlsSnapshot::load(bytes, parameters_.retrieval);
  }

  // Both sides' factors; an entry's confidence and target on both sides; a row's weight, penalty and tiles.
  uint64_t training_bytes(uint64_t users, uint64_t items, uint64_t events) const override {
    const auto row = static_cast<uint64_t>(padded_width(parameters_.factors)) * sizeof(float) + 32;
    return Model::training_bytes(users, items, events) + (users + items) * row + 16 * events;
  }
  // An item's factors, its norm, and its part of the larger index (models/top_k.h, models/int8_index.h); its id.
  uint64_t snapshot_bytes(uint64_t items) const override {
    const auto width = static_cast<uint64_t>(padded_width(parameters_.factors));
    return items * (width + 4 + std::max<uint64_t>(Kernels::kHead, width / sizeof(float))) * sizeof(float) +
           width * width * sizeof(float) + items * sizeof(std::string);
  }

 private:
  const AlsState* before(const FitOptions& options) const {
    const auto* snapshot = dynamic_cast<const AlsSnapshot*>(parameters_.warm_start ? options.warm_start : nullptr);
    return snapshot == nullptr ? nullptr : &snapshot->state();
  }

  Result<ModelSnapshotPtr> snapshot(AlsTrainer& trainer, const Interactions& interactions) const {
    AlsState state;
    state.d = trainer.rotate_to_item_basis();
    for (size_t j = 0; j < state.d.size(); ++j)
      state.d[j] *= parameters_.unobserved_weight;
    state.user_gramian = trainer.user_gramian();
    for (size_t cell = 0; cell < state.user_gramian.size(); ++cell)
      state.user_gramian[cell] *= parameters_.unobserved_weight;
    state.items = interactions.items;
    state.factors = trainer.take_items();
    PENSTOCK_TRY(check_learnt({{state.d.data(), state.d.size()},
                               {state.user_gramian.data(), state.user_gramian.size()},
                               {state.factors.values.data(), state.factors.values.size()}}));
    state.trained_users = static_cast<int64_t>(interactions.users.size());
    state.trained_items = static_cast<int64_t>(interactions.items.size());
    state.unobserved_weight = parameters_.unobserved_weight;
    state.regularization = parameters_.regularization;
    state.frequency_exponent = parameters_.frequency_exponent;
    return ModelSnapshotPtr(std::make_shared<const AlsSnapshot>(std::move(state), parameters_.retrieval));
  }

  const AlsParameters given_;
  AlsParameters parameters_;  // those that the training goes by
};

}  // namespace

Result<ModelPtr> make_als(const AlsParameters& parameters) {
  PENSTOCK_TRY(check(parameters));
  return ModelPtr(std::make_shared<const Als>(parameters));
}

}  // namespace penstock
