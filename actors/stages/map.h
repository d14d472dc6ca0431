// Stage `map`: one row in, one row out, with other columns. Either `select` computes all columns of the result from the
// input's; or, in this order, `add` computes further ones from the input's (a name that exists is replaced, in its
// place), `drop` removes and `rename` renames. A row for which a column cannot be computed is rejected. Columns that
// stay are shared, not copied. One thread at a time.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "actors/stages/stage.h"
#include "sql/expression.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

/// Where each column of the result comes from.
struct MapPlan {
  struct Source {
    size_t input = 0;                     // column of the input
    std::optional<size_t> computed = {};  // or number of the expression
  };
  std::vector<std::pair<std::string, sql::Expression>> expressions;
  std::vector<Source> sources;  // one for each column of `schema`
  SchemaPtr schema;
};

class Map final : public Stage {
 public:
  explicit Map(MapPlan plan) : plan_(std::move(plan)) {}
  Status process(const BatchPtr& batch, StageOutput& out) override;

 private:
  BatchPtr compute(const BatchPtr& batch, std::vector<sql::Evaluated>& values) const;
  MapPlan plan_;
};

topology::ComponentType map_type();
Result<StagePtr> make_map(const MakeContext& context);

}  // namespace penstock
