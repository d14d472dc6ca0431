// Stage `sample`: keeps a fraction of the keys, chosen by hash, so that the same rows are kept whatever the number of
// workers and after every restart. One thread at a time calls it.
#pragma once

#include "actors/components.h"
#include "actors/stages/stage.h"

namespace penstock {

class Sample final : public Stage {
 public:
  Sample(size_t column, double fraction) : column_(column), fraction_(fraction) {}
  Status process(const BatchPtr& batch, StageOutput& out) override;

 private:
  const size_t column_;
  const double fraction_;
};

topology::ComponentType sample_type();
Result<StagePtr> make_sample(const MakeContext& context);

}  // namespace penstock
