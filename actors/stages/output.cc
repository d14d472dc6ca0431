#include "actors/stages/output.h"

#include "topology/outputs.h"

namespace penstock {
namespace {

class Output final : public Stage {
 public:
  Status process(const BatchPtr& batch, StageOutput& out) override {
    out.batches.push_back(batch);
    return ok();
  }
};

}  // namespace

topology::ComponentType output_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = topology::kOutputType;
  type.internal = true;
  type.bind = topology::bind_output;
  return type;
}

Result<StagePtr> make_output(const MakeContext&) { return StagePtr(std::make_unique<Output>()); }

}  // namespace penstock
