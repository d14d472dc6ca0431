// Stage `union`: the rows of several inputs that have the same columns, as they come. A column is required if it is
// required in every input. One thread at a time.
#pragma once

#include "actors/stages/stage.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

class Union final : public Stage {
 public:
  explicit Union(SchemaPtr schema) : schema_(std::move(schema)) {}
  Status process(const BatchPtr& batch, StageOutput& out) override;

 private:
  SchemaPtr schema_;
};

topology::ComponentType union_type();
Result<StagePtr> make_union(const MakeContext& context);

}  // namespace penstock
