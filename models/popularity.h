// The baseline every other model has to beat: items ranked by how often they were interacted with, the same for every
// user but for the items already seen. It may prefer what is popular now, or what is becoming so, and count segments of
// users apart:
//
//   c_i  = sum over the users who have i of v · 2^(−age / d)     d: `decay_hours`; 0: ages do not matter
//   v    = 1, or the summed weight; age: from the newest event of the pair to the newest event of all
//   trending:  t_i = (c_i − e_i) / √(e_i + 1),  e_i = s_i · (sum of c) / (sum of s),  s_i: as c_i with 7 d
//              what i has now against what its share over a longer time lets expect, in standard deviations of a count
//
// A segment is the users who share a feature such as `region=north`. A user is answered from the smallest segment that
// holds one of the query's features and has enough users; items nobody there has follow in the order for all. Without
// such a segment the answer is that for all.
#pragma once

#include "models/model.h"
#include "models/registry.h"

namespace penstock {

struct PopularityParameters {
  enum class By {
    kUsers,   // number of users who interacted with the item
    kWeight,  // summed weight of all interactions with the item
  };
  By by = By::kUsers;
  float decay_hours = 0;
  bool trending = false;         // needs decay_hours
  bool segments = false;         // count each feature of users apart
  int least_segment_users = 20;  // of a segment that answers
};

/// Errors: invalid_argument.
Result<ModelPtr> make_popularity(const PopularityParameters& parameters);
ModelType popularity_model();

}  // namespace penstock
