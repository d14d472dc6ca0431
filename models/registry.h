// The one list of model types: how each is called, what can be set, and how it is made from text.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/model.h"

namespace penstock {

/// The declaration of a hyper-parameter.
struct ModelParameter {
  enum class Kind { kInteger, kNumber, kBool, kChoice };
  std::string_view name;
  Kind kind;
  std::string_view default_value;
  double minimum = 0;  // of integers and numbers, inclusive
  double maximum = 0;
  std::vector<std::string_view> choices = {};
  std::string_view meaning;  // one sentence
};

using ParameterValues = std::vector<std::pair<std::string, std::string>>;

struct ModelType {
  std::string_view name;
  std::string_view meaning;
  std::vector<ModelParameter> parameters;
  /// Values were checked against `parameters`, and every parameter is there.
  Result<ModelPtr> (*make)(const ParameterValues& values);
  bool features = false;  // can use features of users and items, so that a topology may name them
};

/// All model types, in the order of the reference page.
std::span<const ModelType> model_types();
/// nullptr if there is none of this name.
const ModelType* find_model_type(std::string_view name);
/// The model of this type; parameters that are not given have their default, so what Model::parameters() returns makes
/// the same model again. Errors: not_found (type), invalid_argument (parameter), each with the nearest known name or
/// the range.
Result<ModelPtr> make_model(std::string_view type, const ParameterValues& values);

}  // namespace penstock
