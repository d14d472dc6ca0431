// What a recommender declares, checked and compiled: used by its type's `bind` and to make it. Immutable afterwards.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/recommenders/diverse_list.h"
#include "actors/recommenders/fusion.h"
#include "actors/recommenders/item_rules.h"
#include "actors/recommenders/ranker.h"
#include "core/units.h"
#include "topology/component_type.h"
#include "topology/plan.h"

namespace penstock {

struct RecommenderPlan {
  struct Generator {
    std::string model;
    std::optional<size_t> quota;  // none: 100, or what is asked for if that is more
    float weight = 1;
  };
  std::vector<Generator> candidates = {};
  Fusion fusion = Fusion::kWeighted;
  std::optional<RankPlan> rank = {};  // by a learned ranker, after the fusion

  std::string items = {}, users = {};  // views; empty: none
  size_t item_key = 0;                 // its column
  SchemaPtr item_schema = {}, user_schema = {};
  std::vector<size_t> coded = {};  // columns of the item view that caps and MMR look at
  ItemRules rules = {};
  DiversityRules diversity = {};

  bool seen = false;                                      // items of the history may be answered
  std::optional<std::vector<std::string>> fallback = {};  // none declared: most popular
  size_t because = 0;                                     // items of the history that explain each item
  Duration cache_for{0};
  size_t cache_entries = 0;  // 0: no cache
};

/// Components bound before this one, by id; null if there is none.
using FindBound = std::function<const topology::BoundComponent*(std::string_view id)>;

/// Reports all that is wrong but which ids exist (recommender_type.cc looks at that when all are known).
RecommenderPlan plan_recommender(const topology::Component& component, const FindBound& find,
                                 topology::Diagnostics& diagnostics);

}  // namespace penstock
