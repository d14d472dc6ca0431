#include "actors/recommenders/recommenders.h"

#include "actors/supervision/unknown_name.h"

namespace penstock {

Recommenders::Recommenders(Runtime* runtime, const std::vector<std::unique_ptr<ModelServer>>& models)
    : models_(models) {
  const Answerers answerers{[this](std::string_view id) { return find_model(id); },
                            [this](std::string_view id) { return find_recommender(id); }};
  for (const topology::BoundComponent& bound : runtime->plan.topology.components)
    if (bound.component.role == topology::Role::kRecommender)
      recommenders_.push_back(std::make_unique<Recommender>(runtime, bound, answerers));
}

const ModelServer* Recommenders::find_model(std::string_view id) const {
  for (const auto& model : models_)
    if (model->id() == id)
      return model.get();
  return nullptr;
}

const Recommender* Recommenders::find_recommender(std::string_view id) const {
  for (const auto& recommender : recommenders_)
    if (recommender->id() == id)
      return recommender.get();
  return nullptr;
}

Status Recommenders::unknown(const std::string& name) const {
  if (models_.empty())
    return not_found("the topology has no models");
  std::vector<std::string> known;
  for (const auto& recommender : recommenders_)
    known.push_back(recommender->id());
  for (const auto& model : models_)
    known.push_back(model->id());
  return not_found(unknown_name(recommenders_.empty() ? "model" : "model or recommender", name, known));
}

Result<Recommendation> Recommenders::recommend(const RecommendationQuery& query) const {
  const bool any = query.model.empty();
  if (const Recommender* recommender =
          any && !recommenders_.empty() ? recommenders_.front().get() : find_recommender(query.model))
    return recommender->recommend(query);
  if (const ModelServer* model = any && !models_.empty() ? models_.front().get() : find_model(query.model))
    return model->recommend(query);
  return unknown(query.model);
}

Result<Recommendation> Recommenders::similar(const std::string& item, const std::string& name, size_t n,
                                             const std::string& filter) const {
  const bool any = name.empty();
  if (const Recommender* recommender =
          any && !recommenders_.empty() ? recommenders_.front().get() : find_recommender(name))
    return recommender->similar(item, n, filter);
  const ModelServer* model = any && !models_.empty() ? models_.front().get() : find_model(name);
  if (model == nullptr)
    return unknown(name);
  if (!filter.empty())
    return invalid_argument("model \"" + model->id() +
                            "\" takes no filter: name a recommender, which knows columns of items");
  return model->similar(item, n);
}

}  // namespace penstock
