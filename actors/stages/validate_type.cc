#include <algorithm>

#include "actors/components.h"
#include "actors/stages/validate.h"
#include "actors/stages/validate_column.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;
using topology::PropertyValue;

std::vector<ValidateRule> plan_rules(const Component& component, const SchemaPtr& checked,
                                     topology::Diagnostics& diagnostics) {
  std::vector<ValidateRule> rules;
  if (!component.has("rules"))
    return rules;
  for (const PropertyValue& entry : component.list("rules")) {
    const PropertyValue& check = *entry.find("check");
    const PropertyValue* message = entry.find("message");
    const auto expression = topology::compile_expression(check, checked, diagnostics);
    if (!expression)
      continue;
    if (expression->type() != Type::kBool)
      diagnostics.error(check.place, "wrong-type",
                        "a check must be bool, but this expression is " + std::string(type_name(expression->type())),
                        "compare it with something, as in `minutes >= 0`");
    rules.push_back({*expression, message == nullptr ? "" : std::get<std::string>(message->value)});
  }
  return rules;
}

bool declared(const ValidatePlan& plan, size_t index) {
  return std::any_of(plan.columns.begin(), plan.columns.end(),
                     [&](const ValidateColumn& column) { return column.index == index; });
}

}  // namespace

ValidatePlan plan_validate(const Component& component, const SchemaPtr& input, topology::Diagnostics& diagnostics) {
  ValidatePlan plan;
  if (!component.has("columns") && !component.has("rules"))
    diagnostics.error(component.place, "missing-key", "the validate " + component.id + " needs columns or rules",
                      "without either every record would pass");
  if (!input)
    return plan;
  const size_t mistakes = diagnostics.list().size();
  if (component.has("columns"))
    for (const auto& [name, entry] : component.map("columns"))
      if (auto column = plan_column(name, entry, component.text("missing") == "reject", input, diagnostics))
        plan.columns.push_back(std::move(*column));
  // The rules see cast columns. Not as required, whatever is asked of them: a rule is tried on wrong rows too.
  std::vector<Field> checked = input->fields(), output = input->fields();
  for (const ValidateColumn& column : plan.columns) {
    if (column.cast)
      checked[column.index] = {column.name, column.type, false};
    output[column.index] = {column.name, column.type,
                            input->field(column.index).required || column.missing != ValidateColumn::Missing::kKeep};
  }
  plan.checked = std::make_shared<const Schema>(std::move(checked));
  plan.rules = plan_rules(component, plan.checked, diagnostics);
  const std::string& unknown = component.text("unknown_fields");
  std::vector<Field> kept;
  for (size_t i = 0; i < input->size(); ++i) {
    if (unknown == "reject" && !declared(plan, i))
      plan.forbidden.push_back(i);
    if (unknown == "keep" || declared(plan, i)) {
      plan.kept.push_back(i);
      kept.push_back(output[i]);
    }
  }
  if (diagnostics.list().size() == mistakes)
    plan.output = topology::make_schema(std::move(kept), component.place, diagnostics);
  return plan;
}

topology::ComponentType validate_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "validate";
  type.summary =
      "Passes the records that keep every rule; the others go to `dead_letters`, each with every rule it breaks.";
  type.example =
      "clean:\n"
      "  type: validate\n"
      "  input: shop\n"
      "  columns:\n"
      "    user_id: {required: true}\n"
      "    quantity: {range: [1, 100], default: 1}\n"
      "    event: {one_of: [view, cart, purchase]}\n"
      "    category: {matches: \"^[a-z0-9_-]+$\", max_length: 40}\n"
      "  rules:\n"
      "    - {check: price >= 0 OR event = 'view', message: the price must not be negative}\n";
  type.properties = {
      {.name = "columns",
       .kind = Kind::kMap,
       .meaning = "What is asked of single columns, by name.",
       .minimum = 1,
       .element = Kind::kGroup,
       .members = validate_column_properties()},
      {.name = "rules",
       .kind = Kind::kList,
       .meaning = "What is asked of the row as a whole.",
       .minimum = 1,
       .element = Kind::kGroup,
       .members = {{.name = "check",
                    .kind = Kind::kExpression,
                    .meaning = "A condition over the columns after casts and defaults; a record for which it is false "
                               "or fails is rejected, null passes.",
                    .required = true},
                   {.name = "message", .kind = Kind::kString, .meaning = "What to say of a record that breaks it."}}},
      {.name = "unknown_fields",
       .kind = Kind::kChoice,
       .meaning =
           "What to do with columns of the input that `columns` does not name: keep them, drop them, or reject a "
           "record that has a value in one.",
       .default_value = "keep",
       .choices = {"keep", "drop", "reject"}},
      {.name = "missing",
       .kind = Kind::kChoice,
       .meaning = "What to do where a named column that says nothing else has no value: keep it as null, or reject the "
                  "record.",
       .default_value = "keep",
       .choices = {"keep", "reject"}},
  };
  type.bind = [](const Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = plan_validate(component, context.inputs[0].schema, context.diagnostics).output;
    binding.key = context.inputs[0].key;  // see view_input.h
    binding.outputs[Validate::kRejected] = context.inputs[0].schema;
    return binding;
  };
  type.outputs = [](const Component&) { return std::vector<std::string>{Validate::kRejected}; };
  return type;
}

Result<StagePtr> make_validate(const MakeContext& context) {
  topology::Diagnostics diagnostics;
  ValidatePlan plan = plan_validate(context.component, context.inputs[0].schema, diagnostics);
  if (!plan.output)
    return internal_error("the validate " + context.component.id + " was not checked before it was made");
  return StagePtr(std::make_unique<Validate>(std::move(plan)));
}

}  // namespace penstock
