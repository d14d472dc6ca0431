// All that answers for items on a node, by name: its models, and the recommenders that are declared over them. Made once, when the
// models are there; thread safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/recommenders/recommender.h"
#include "actors/servers/model_server.h"
#include "actors/servers/node.h"

namespace penstock {

class Recommenders {
 public:
  /// Both outlive this.
  Recommenders(Runtime* runtime, const std::vector<std::unique_ptr<ModelServer>>& models);

  /// `query.model` names a recommender or a model; empty: the first recommender, else the first model. Errors: not_found
  /// (the name), and those of whom it asks.
  Result<Recommendation> recommend(const RecommendationQuery& query) const;
  Result<Recommendation> similar(const std::string& item, const std::string& model, size_t n,
                                 const std::string& filter) const;

 private:
  const ModelServer* find_model(std::string_view id) const;
  const Recommender* find_recommender(std::string_view id) const;
  Status unknown(const std::string& name) const;

  const std::vector<std::unique_ptr<ModelServer>>& models_;
  std::vector<std::unique_ptr<Recommender>> recommenders_;
};

}  // namespace penstock
