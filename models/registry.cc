#include "models/registry.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "core/nearest.h"
#include "models/als.h"
#include "models/co_purchase.h"
#include "models/ease.h"
#include "models/hybrid.h"
#include "models/item_knn.h"
#include "models/parameter_values.h"
#include "models/popularity.h"
#include "models/same_attribute.h"
#include "models/session_knn.h"

namespace penstock {
namespace {

using Kind = ModelParameter::Kind;

const std::vector<ModelType>& types() {
  static const std::vector<ModelType> all = {
      als_model(),      hybrid_model(),      bpr_model(),         popularity_model(),     ease_model(),
      item_knn_model(), session_knn_model(), co_purchase_model(), same_attribute_model(),
  };
  return all;
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names)
    out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

Status check(const ModelParameter& parameter, const std::string& value) {
  const std::string found = ", not `" + value + "`";
  const std::string name(parameter.name);
  if (parameter.kind == Kind::kBool && value != "true" && value != "false")
    return invalid_argument(name + " must be true or false" + found);
  if (parameter.kind == Kind::kChoice &&
      std::find(parameter.choices.begin(), parameter.choices.end(), value) == parameter.choices.end())
    return invalid_argument(name + " must be one of " + joined(parameter.choices) + found);
  if (parameter.kind == Kind::kInteger || parameter.kind == Kind::kNumber) {
    const std::optional<double> parsed = parse_number(value);
    const bool whole = parameter.kind == Kind::kInteger;
    if (!parsed || !(*parsed >= parameter.minimum && *parsed <= parameter.maximum) ||
        (whole && *parsed != static_cast<double>(static_cast<int64_t>(*parsed)))) {
      char range[96];
      std::snprintf(range, sizeof(range), "%s from %g to %g", whole ? "a whole number" : "a number", parameter.minimum,
                    parameter.maximum);
      return invalid_argument(name + " must be " + range + found);
    }
  }
  return ok();
}

std::string hint(std::string_view word, const std::vector<std::string>& known) {
  const std::optional<std::string> name = nearest(word, known);
  return name ? "; did you mean `" + *name + "`?" : std::string();
}

}  // namespace

std::span<const ModelType> model_types() { return types(); }

const ModelType* find_model_type(std::string_view name) {
  for (const ModelType& type : types()) {
    if (type.name == name)
      return &type;
  }
  return nullptr;
}

Result<ModelPtr> make_model(std::string_view type, const ParameterValues& values) {
  const ModelType* entry = find_model_type(type);
  if (entry == nullptr) {
    std::vector<std::string> known;
    for (const ModelType& each : types())
      known.emplace_back(each.name);
    return not_found("there is no model type `" + std::string(type) + "`" + hint(type, known));
  }
  ParameterValues complete;
  for (const ModelParameter& parameter : entry->parameters)
    complete.emplace_back(parameter.name, parameter.default_value);
  for (const auto& [name, value] : values) {
    const auto declared = std::find_if(entry->parameters.begin(), entry->parameters.end(),
                                       [&](const ModelParameter& parameter) { return parameter.name == name; });
    if (declared == entry->parameters.end()) {
      std::vector<std::string> known;
      for (const ModelParameter& parameter : entry->parameters)
        known.emplace_back(parameter.name);
      return invalid_argument("model type " + std::string(type) + " has no parameter `" + name + "`" +
                              hint(name, known));
    }
    PENSTOCK_TRY(check(*declared, value));
    complete[declared - entry->parameters.begin()].second = value;
  }
  return entry->make(complete);
}

}  // namespace penstock
