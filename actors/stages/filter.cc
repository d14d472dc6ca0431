#include "actors/stages/filter.h"

#include "actors/components.h"
#include "actors/stages/reject.h"
#include "topology/bind_helpers.h"

namespace penstock {

Status Filter::process(const BatchPtr& batch, StageOutput& out) {
  sql::Selected selected = where_.select(*batch);
  for (const sql::RowError& error : selected.errors)
    out.rejected.push_back(reject_row(*batch, error.row, "where: " + error.message));
  if (selected.rows.size() == batch->rows() && !selected.rows.empty())
    out.batches.push_back(batch);
  else if (!selected.rows.empty())
    out.batches.push_back(batch->select(std::move(selected.rows)));
  return ok();
}

topology::ComponentType filter_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "filter";
  type.summary = "Keeps the rows for which a condition is true.";
  type.example =
      "purchases:\n"
      "  type: filter\n"
      "  input: shop\n"
      "  where: event = 'purchase' AND price > 1\n";
  type.properties = {{.name = "where",
                      .kind = topology::Kind::kExpression,
                      .meaning = "The condition; rows where it is false or null go no further.",
                      .required = true}};
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = context.inputs[0].schema;
    binding.key = context.inputs[0].key;  // see view_input.h
    topology::compile_condition(component, "where", binding.output, context.diagnostics);
    return binding;
  };
  return type;
}

Result<StagePtr> make_filter(const MakeContext& context) {
  auto where = sql::Expression::compile(context.component.text("where"), context.inputs[0].schema);
  if (!where.ok())
    return invalid_argument(where.problem().message).with_context(context.component.id);
  return StagePtr(std::make_unique<Filter>(std::move(where).value()));
}

}  // namespace penstock
