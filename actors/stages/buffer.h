// Stage `buffer`: parts what is before it from what is behind it. Its rows go to a log of its own; the stages that read it
// form a region of their own, which reads that log at its own position, so that a crash or slowness there never holds back
// what is before. The planner does all of that (Binding::own_log); here rows only pass. One thread at a time.
#pragma once

#include "actors/stages/stage.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

class Buffer final : public Stage {
 public:
  Status process(const BatchPtr& batch, StageOutput& out) override;
};

topology::ComponentType buffer_type();
Result<StagePtr> make_buffer(const MakeContext& context);

}  // namespace penstock
