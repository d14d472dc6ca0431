#include "actors/trainers/popularity.h"

#include "actors/trainers/model_component.h"

namespace penstock {

topology::ComponentType popularity_type() {
  return model_component("popularity",
                         "most_popular:\n"
                         "  type: popularity\n"
                         "  input: shop\n"
                         "  user: user_id\n"
                         "  item: item_id\n");
}

}  // namespace penstock
