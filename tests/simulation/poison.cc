#include "tests/simulation/poison.h"

#include "sql/expression.h"
#include "tests/simulation/process_death.h"
#include "topology/bind_helpers.h"

namespace penstock::simulation {
namespace {

class Poison final : public Stage {
 public:
  Poison(sql::Expression on, bool dies) : on_(std::move(on)), dies_(dies) {}

  Status process(const BatchPtr& batch, StageOutput& out) override {
    if (!on_.select(*batch).rows.empty()) {
      if (dies_)
        ProcessDeath::now();
      throw std::runtime_error("poison");
    }
    out.batches.push_back(batch);
    return ok();
  }

 private:
  sql::Expression on_;
  const bool dies_;
};

}  // namespace

topology::ComponentType poison_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "poison";
  type.summary = "Ends its actor or the process when it meets certain rows.";
  type.properties = {{.name = "on", .kind = topology::Kind::kExpression, .meaning = "Which rows.", .required = true},
                     {.name = "how",
                      .kind = topology::Kind::kChoice,
                      .meaning = "What ends.",
                      .required = true,
                      .choices = {"throws", "dies"}}};
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = context.inputs[0].schema;
    topology::compile_condition(component, "on", binding.output, context.diagnostics);
    return binding;
  };
  return type;
}

Result<StagePtr> make_poison(const MakeContext& context) {
  auto on = sql::Expression::compile(context.component.text("on"), context.inputs[0].schema);
  if (!on.ok())
    return invalid_argument(on.problem().message);
  return StagePtr(std::make_unique<Poison>(std::move(on).value(), context.component.text("how") == "dies"));
}

}  // namespace penstock::simulation
