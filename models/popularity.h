// The baseline every other model has to beat: items ranked by how often they were interacted with, the same for every
// user but for the items already seen.
#pragma once

#include "models/model.h"

namespace penstock {

struct PopularityParameters {
  enum class By {
    kUsers,   // number of users who interacted with the item
    kWeight,  // summed weight of all interactions with the item
  };
  By by = By::kUsers;
};

ModelPtr make_popularity(const PopularityParameters& parameters);

}  // namespace penstock
