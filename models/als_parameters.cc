#include "models/als_parameters.h"

#include "models/parameter_values.h"
#include "models/retrieval_parameters.h"

namespace penstock {
namespace {

using Kind = ModelParameter::Kind;

Result<ModelPtr> als_from(const ParameterValues& values) {
  AlsParameters parameters;
  if (value_of(values, "feedback") == "explicit")
    parameters.feedback = AlsParameters::Feedback::kExplicit;
  parameters.factors = integer(values, "factors");
  parameters.iterations = integer(values, "iterations");
  parameters.unobserved_weight = number(values, "unobserved_weight");
  parameters.regularization = number(values, "regularization");
  parameters.frequency_exponent = number(values, "frequency_exponent");
  parameters.svd_start = flag(values, "svd_start");
  parameters.warm_start = flag(values, "warm_start");
  parameters.solver =
      value_of(values, "solver") == "exact" ? AlsParameters::Solver::kExact : AlsParameters::Solver::kAuto;
  parameters.retrieval = retrieval_from(values);
  return make_als(parameters);
}

const char* text(bool value) { return value ? "true" : "false"; }

}  // namespace

Status check(const AlsParameters& parameters) {
  const auto out_of_range = [](const char* name, const char* range, const std::string& found) {
    return invalid_argument(std::string(name) + " must be " + range + ", not " + found);
  };
  if (parameters.factors < 1 || parameters.factors > 1024)
    return out_of_range("factors", "from 1 to 1024", std::to_string(parameters.factors));
  if (parameters.iterations < 1 || parameters.iterations > 1000)
    return out_of_range("iterations", "from 1 to 1000", std::to_string(parameters.iterations));
  if (!(parameters.unobserved_weight >= 1e-6f && parameters.unobserved_weight <= 1e6f))
    return out_of_range("unobserved_weight", "from 0.000001 to 1000000", parameter_text(parameters.unobserved_weight));
  if (!(parameters.regularization >= 1e-6f && parameters.regularization <= 1e6f))
    return out_of_range("regularization", "from 0.000001 to 1000000", parameter_text(parameters.regularization));
  if (!(parameters.frequency_exponent >= 0 && parameters.frequency_exponent <= 1))
    return out_of_range("frequency_exponent", "from 0 to 1", parameter_text(parameters.frequency_exponent));
  return ok();
}

ParameterValues values_of(const AlsParameters& parameters) {
  ParameterValues values = {
      {"feedback", parameters.feedback == AlsParameters::Feedback::kExplicit ? "explicit" : "implicit"},
      {"factors", std::to_string(parameters.factors)},
      {"iterations", std::to_string(parameters.iterations)},
      {"unobserved_weight", parameter_text(parameters.unobserved_weight)},
      {"regularization", parameter_text(parameters.regularization)},
      {"frequency_exponent", parameter_text(parameters.frequency_exponent)},
      {"svd_start", text(parameters.svd_start)},
      {"warm_start", text(parameters.warm_start)},
      {"solver", parameters.solver == AlsParameters::Solver::kExact ? "exact" : "auto"},
  };
  append_parameters(parameters.retrieval, values);
  return values;
}

ModelType als_model() {
  return {
      "als",
      "Matrix factorisation for implicit or explicit feedback by alternating least squares",
      {{"feedback",
        Kind::kChoice,
        "implicit",
        0,
        0,
        {"implicit", "explicit"},
        "Whether weights say how sure a liking is, or are ratings to be foretold (then of the pairs nobody rated "
        "nothing "
        "is learnt, and regularization counts for each rating: try 0.08)."},
       {"factors", Kind::kInteger, "64", 1, 1024, {}, "Numbers that describe a user or an item."},
       {"iterations", Kind::kInteger, "12", 1, 1000, {}, "How often all users and all items are updated."},
       {"unobserved_weight",
        Kind::kNumber,
        "0.3",
        1e-6,
        1e6,
        {},
        "Weight of the pairs nobody interacted with, against 1 for one interaction."},
       {"regularization", Kind::kNumber, "0.25", 1e-6, 1e6, {}, "How strongly factors are kept small."},
       {"frequency_exponent",
        Kind::kNumber,
        "0.5",
        0,
        1,
        {},
        "How much more those with many interactions are regularised."},
       {"svd_start", Kind::kBool, "true", 0, 0, {}, "Begin at a randomised singular value decomposition."},
       {"warm_start",
        Kind::kBool,
        "false",
        0,
        0,
        {},
        "Begin at the live version's factors and stop when an iteration gains little: quick, but what is learnt then "
        "depends on the versions before."},
       {"solver",
        Kind::kChoice,
        "auto",
        0,
        0,
        {"auto", "exact"},
        "Conjugate gradients, or dense normal equations (slow, for checking)."},
       retrieval_parameter(),
       latency_parameter()},
      als_from};
}

}  // namespace penstock
