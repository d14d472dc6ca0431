#include "actors/stages/query.h"

namespace penstock {

topology::ComponentType query_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "query";
  type.summary = "A SELECT over another component, run as the filter, map, reduce and sort stages it stands for.";
  type.example =
      "best_sellers:\n"
      "  type: query\n"
      "  sql: |\n"
      "    SELECT item_id, sum(quantity) AS sold FROM shop\n"
      "    WHERE event = 'purchase' GROUP BY item_id ORDER BY sold DESC LIMIT 10\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = {{.name = "sql",
                      .kind = topology::Kind::kQuery,
                      .meaning = "SELECT items FROM component [WHERE ...] [GROUP BY ...] [ORDER BY ...] [LIMIT n].",
                      .required = true}};
  type.bind = [](const topology::Component&, const topology::BindContext&) { return topology::Binding{}; };
  return type;
}

}  // namespace penstock
