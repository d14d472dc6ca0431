// Stage `filter`: keeps the rows for which a condition is true; a row for which it is false or null goes no further.
// Free of copying: the batch goes on with a selection. One thread at a time.
#pragma once

#include "actors/stages/stage.h"
#include "sql/expression.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

class Filter final : public Stage {
 public:
  explicit Filter(sql::Expression where) : where_(std::move(where)) {}
  Status process(const BatchPtr& batch, StageOutput& out) override;

 private:
  sql::Expression where_;
};

topology::ComponentType filter_type();
Result<StagePtr> make_filter(const MakeContext& context);

}  // namespace penstock
