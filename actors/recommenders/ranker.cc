#include "actors/recommenders/ranker.h"

#include <algorithm>

#include "actors/aggregators/prediction_reader.h"

namespace penstock {
namespace {

using topology::Component;

constexpr const char *kScore = "score", *kStrategy = "strategy";

std::optional<RankFeature> find_feature(const std::string& name, const SchemaPtr& items, const SchemaPtr& users) {
  using From = RankFeature::From;
  if (const auto column = items ? items->index_of(name) : std::nullopt)
    return RankFeature{name, From::kItem, *column};
  if (const auto column = users ? users->index_of(name) : std::nullopt)
    return RankFeature{name, From::kUser, *column};
  if (name == kScore || name == kStrategy)
    return RankFeature{name, name == kScore ? From::kScore : From::kStrategy};
  return std::nullopt;
}

Type type_of(const RankFeature& feature, const SchemaPtr& items, const SchemaPtr& users) {
  switch (feature.from) {
    case RankFeature::From::kItem: return items->field(feature.column).type;
    case RankFeature::From::kUser: return users->field(feature.column).type;
    case RankFeature::From::kScore: return Type::kFloat64;
    case RankFeature::From::kStrategy: break;
  }
  return Type::kString;
}

PredictionValue value_of(const RankFeature& feature, const Candidate& candidate, const RowTable* items,
                         const RecordBatch* user, std::span<const std::string> strategies) {
  switch (feature.from) {
    case RankFeature::From::kItem:
      return items && candidate.row >= 0
                 ? prediction_value(*items->rows().column(feature.column), static_cast<size_t>(candidate.row))
                 : PredictionValue();
    case RankFeature::From::kUser:
      return user && user->rows() > 0 ? prediction_value(*user->column(feature.column), 0) : PredictionValue();
    case RankFeature::From::kScore: return static_cast<double>(candidate.score);
    case RankFeature::From::kStrategy: break;
  }
  return strategies[candidate.source];
}

}  // namespace

bool RankPlan::reads_user() const {
  return std::any_of(features.begin(), features.end(),
                     [](const RankFeature& feature) { return feature.from == RankFeature::From::kUser; });
}

std::vector<RankFeature> plan_rank(const Component& model, const SchemaPtr& learnt, const SchemaPtr& items,
                                   const SchemaPtr& users, topology::Place place, topology::Diagnostics& diagnostics) {
  std::vector<RankFeature> out;
  for (const auto& [name, declared] : model.map("features")) {
    const auto feature = find_feature(name, items, users);
    if (!feature) {
      diagnostics.error(place, "unknown-column",
                        model.id + " foretells from " + name + ", which is no column of items or users",
                        "add it to one of the views, or leave it out of the features of " + model.id +
                            "; beside their columns there are score and strategy");
      continue;
    }
    const auto column = learnt ? learnt->index_of(name) : std::nullopt;
    const Type here = type_of(*feature, items, users);
    if (column && learnt->field(*column).type != here)
      diagnostics.error(place, "wrong-type",
                        model.id + " learns " + name + " as " + std::string(type_name(learnt->field(*column).type)) +
                            ", and here it is " + std::string(type_name(here)),
                        "bring both to one type with a map");
    out.push_back(*feature);
  }
  return out;
}

void rank(const RankPlan& plan, const Predictor& predictor, const RowTable* items, const RecordBatch* user,
          std::span<const std::string> strategies, std::vector<Candidate>& candidates) {
  for (Candidate& candidate : candidates) {
    PredictionRow row;
    for (const RankFeature& feature : plan.features)
      row.emplace(feature.name, value_of(feature, candidate, items, user, strategies));
    const Result<Prediction> prediction = predictor.predict(row, false);
    candidate.score = prediction.ok() ? static_cast<float>(prediction->probability) : 0;
  }
  sort_candidates(candidates);
}

}  // namespace penstock
