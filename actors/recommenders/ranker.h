// A learned ranker: an online model gives each candidate the probability of its outcome (a click, a purchase), which becomes
// the candidate's score. What it learnt as its features is looked up by name: a column of the item's row, else of the user's,
// else `score` (what the candidate had before) or `strategy` (the model that found it). Pure, but for the model's state.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/aggregators/predictor.h"
#include "actors/recommenders/fusion.h"
#include "actors/recommenders/row_table.h"
#include "topology/component_type.h"

namespace penstock {

struct RankFeature {
  enum class From { kItem, kUser, kScore, kStrategy };
  std::string name;
  From from;
  size_t column = 0;  // of the item's or user's row
};

struct RankPlan {
  std::string model;
  std::vector<RankFeature> features = {};

  bool reads_user() const;
};

/// Reports what is wrong with the features of `model`, an online model whose input has the schema `learnt`, beside these
/// tables (null: there is none).
std::vector<RankFeature> plan_rank(const topology::Component& model, const SchemaPtr& learnt, const SchemaPtr& items,
                                   const SchemaPtr& users, topology::Place place, topology::Diagnostics& diagnostics);

/// Scores are probabilities afterwards, best first. `strategies`: names by Candidate::source; `items`, `user`: null if there is
/// none. A value that is not there counts as missing.
void rank(const RankPlan& plan, const Predictor& predictor, const RowTable* items, const RecordBatch* user,
          std::span<const std::string> strategies, std::vector<Candidate>& candidates);

}  // namespace penstock
