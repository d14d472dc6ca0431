#include "actors/trainers/als.h"

#include "actors/trainers/model_component.h"

namespace penstock {

topology::ComponentType als_type() {
  return model_component("als",
                         "taste:\n"
                         "  type: als\n"
                         "  input: shop\n"
                         "  user: user_id\n"
                         "  item: item_id\n"
                         "  weight: CASE event WHEN 'purchase' THEN 3 WHEN 'add_to_cart' THEN 2 ELSE 1 END\n"
                         "  factors: 64\n");
}

}  // namespace penstock
