#include "models/hybrid.h"

#include <algorithm>
#include <cstdio>
#include <new>

#include "models/hybrid_result.h"
#include "models/hybrid_snapshot.h"
#include "models/hybrid_trainer.h"
#include "models/parameter_values.h"
#include "models/retrieval_parameters.h"

namespace penstock {
namespace {

using Loss = HybridParameters::Loss;

const char* loss_name(Loss loss) { return loss == Loss::kWarp ? "warp" : loss == Loss::kBpr ? "bpr" : "logistic"; }

Status check(const HybridParameters& parameters) {
  const auto out_of_range = [](const char* name, const char* range, const std::string& found) {
    return invalid_argument(std::string(name) + " must be " + range + ", not " + found);
  };
  if (parameters.factors < 1 || parameters.factors > 1024)
    return out_of_range("factors", "from 1 to 1024", std::to_string(parameters.factors));
  if (parameters.epochs < 1 || parameters.epochs > 10'000)
    return out_of_range("epochs", "from 1 to 10000", std::to_string(parameters.epochs));
  if (!(parameters.learning_rate > 0 && parameters.learning_rate <= 10))
    return out_of_range("learning_rate", "over 0 and at most 10", parameter_text(parameters.learning_rate));
  if (!(parameters.regularization >= 0 && parameters.regularization <= 0.5f))
    return out_of_range("regularization", "from 0 to 0.5", parameter_text(parameters.regularization));
  if (parameters.max_sampled < 1 || parameters.max_sampled > 1000)
    return out_of_range("max_sampled", "from 1 to 1000", std::to_string(parameters.max_sampled));
  return ok();
}

class Hybrid final : public Model {
 public:
  Hybrid(const HybridParameters& parameters, std::string_view type) : parameters_(parameters), type_(type) {}

  std::string_view type() const override { return type_; }
  Needs needs() const override { return {.features = parameters_.features}; }

  std::vector<std::pair<std::string, std::string>> parameters() const override {
    std::vector<std::pair<std::string, std::string>> out;
    if (parameters_.features)
      out.emplace_back("loss", loss_name(parameters_.loss));
    out.emplace_back("factors", std::to_string(parameters_.factors));
    out.emplace_back("epochs", std::to_string(parameters_.epochs));
    out.emplace_back("learning_rate", parameter_text(parameters_.learning_rate));
    out.emplace_back("regularization", parameter_text(parameters_.regularization));
    if (parameters_.features)
      out.emplace_back("max_sampled", std::to_string(parameters_.max_sampled));
    append_parameters(parameters_.retrieval, out);
    return out;
  }

  Result<ModelSnapshotPtr> fit(const Interactions& data, const FitOptions& options,
                               TrainingProgress& progress) const override {
    const auto& weights = data.by_user.values;
    if (std::none_of(weights.begin(), weights.end(), [](float weight) { return weight > 0; }))
      return invalid_argument("there is nothing to learn from: no interaction has a weight above 0");
    try {
      HybridTrainer trainer(parameters_, data, options.seed, options.threads);
      for (int epoch = 0; epoch < parameters_.epochs; ++epoch) {
        if (progress.cancelled())
          return cancelled("the training was cancelled after " + std::to_string(epoch) + " epochs");
        char note[32];
        std::snprintf(note, sizeof(note), "loss %.4f", trainer.epoch());
        progress.step(epoch + 1, parameters_.epochs, note);
      }
      HybridState state = hybrid_state(trainer, parameters_, data);
      PENSTOCK_TRY(check_learnt(state));
      return ModelSnapshotPtr(std::make_shared<const HybridSnapshot>(std::move(state), parameters_.retrieval));
    } catch (const std::bad_alloc&) {
      return resource_exhausted("there is not enough memory to train " + std::to_string(parameters_.factors) +
                                " factors for " + std::to_string(data.users.size()) + " users and " +
                                std::to_string(data.items.size()) + " items");
    }
  }

  Result<ModelSnapshotPtr> load(std::string_view bytes) const override {
    PENSTOCK_ASSIGN(HybridState state, load_hybrid(bytes));
    return ModelSnapshotPtr(std::make_shared<const HybridSnapshot>(std::move(state), parameters_.retrieval));
  }

  // Embeddings and their squares on both sides, the snapshot's beside them; an example of 12 bytes for each interaction.
  uint64_t training_bytes(uint64_t users, uint64_t items, uint64_t events) const override {
    const auto row = static_cast<uint64_t>(padded_width(parameters_.factors)) * sizeof(float);
    return Model::training_bytes(users, items, events) + (users + items) * (3 * row + 32) + 12 * events;
  }
  // Items alone; users add as much each, and are counted once the model is there.
  uint64_t snapshot_bytes(uint64_t items) const override {
    return items * (static_cast<uint64_t>(padded_width(parameters_.factors) + 2) * sizeof(float) + sizeof(std::string));
  }

 private:
  const HybridParameters parameters_;
  const std::string_view type_;
};

ModelParameter factors_parameter() {
  return {"factors", ModelParameter::Kind::kInteger, "64", 1, 1024, {}, "Numbers that describe a user or an item."};
}
ModelParameter epochs_parameter(std::string_view epochs) {
  return {
      "epochs", ModelParameter::Kind::kInteger, epochs, 1, 10'000, {}, "How often each interaction is learnt from."};
}
ModelParameter learning_rate_parameter(std::string_view rate) {
  return {"learning_rate", ModelParameter::Kind::kNumber, rate, 1e-6, 10, {}, "Length of the first steps."};
}
ModelParameter regularization_parameter(std::string_view share) {
  return {"regularization",
          ModelParameter::Kind::kNumber,
          share,
          0,
          0.5,
          {},
          "Share by which all numbers shrink after each epoch."};
}

HybridParameters parameters_from(const ParameterValues& values) {
  HybridParameters parameters;
  parameters.factors = integer(values, "factors");
  parameters.epochs = integer(values, "epochs");
  parameters.learning_rate = number(values, "learning_rate");
  parameters.regularization = number(values, "regularization");
  parameters.retrieval = retrieval_from(values);
  return parameters;
}

}  // namespace

Result<ModelPtr> make_hybrid(const HybridParameters& parameters) {
  PENSTOCK_TRY(check(parameters));
  return ModelPtr(std::make_shared<const Hybrid>(parameters, "hybrid"));
}

Result<ModelPtr> make_bpr(const HybridParameters& given) {
  HybridParameters parameters = given;
  parameters.loss = Loss::kBpr;
  parameters.features = false;
  PENSTOCK_TRY(check(parameters));
  return ModelPtr(std::make_shared<const Hybrid>(parameters, "bpr"));
}

ModelType hybrid_model() {
  using Kind = ModelParameter::Kind;
  return {
      "hybrid",
      "Users and items as sums of what is known about them, learnt from pairs of items: answers without a history too",
      {{"loss",
        Kind::kChoice,
        "warp",
        0,
        0,
        {"warp", "bpr", "logistic"},
        "What a pair of items is to teach: the top of the ranking, all of it, or a probability."},
       factors_parameter(),
       epochs_parameter("60"),
       learning_rate_parameter("0.03"),
       regularization_parameter("0.01"),
       {"max_sampled", Kind::kInteger, "10", 1, 1000, {}, "Of warp: how many items are drawn to find a wrong one."},
       retrieval_parameter(),
       latency_parameter()},
      [](const ParameterValues& values) {
        HybridParameters parameters = parameters_from(values);
        const std::string& loss = value_of(values, "loss");
        parameters.loss = loss == "warp" ? Loss::kWarp : loss == "bpr" ? Loss::kBpr : Loss::kLogistic;
        parameters.max_sampled = integer(values, "max_sampled");
        return make_hybrid(parameters);
      },
      true};
}

ModelType bpr_model() {
  return {"bpr",
          "Matrix factorisation by Bayesian personalised ranking: learnt from pairs of items",
          {factors_parameter(), epochs_parameter("100"), learning_rate_parameter("0.05"),
           regularization_parameter("0.03"), retrieval_parameter(), latency_parameter()},
          [](const ParameterValues& values) { return make_bpr(parameters_from(values)); }};
}

}  // namespace penstock
