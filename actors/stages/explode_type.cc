#include "actors/components.h"
#include "actors/stages/explode.h"
#include "actors/stages/view_input.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;
using topology::PropertyValue;

std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> members;
  for (size_t from = 0; from <= path.size();) {
    const size_t dot = std::min(path.find('.', from), path.size());
    members.push_back(path.substr(from, dot - from));
    from = dot + 1;
  }
  return members;
}

ExplodePlan::Part plan_part(const std::string& name, const PropertyValue& value, bool by_separator,
                            Diagnostics& diagnostics) {
  ExplodePlan::Part part;
  const std::string& type = std::get<std::string>(value.find("type")->value);
  part.field = {name, *parse_type(type), false};
  const PropertyValue* path = value.find("path");
  if (path != nullptr && by_separator)
    diagnostics.error(path->place, "conflict", "the parts of a text have no members, so path says nothing",
                      "remove path, or explode a json array");
  else if (path != nullptr)
    part.path = split_path(std::get<std::string>(path->value));
  return part;
}

ExplodePlan plan_explode(const Component& component, const SchemaPtr& input, Diagnostics& diagnostics) {
  ExplodePlan plan;
  const size_t mistakes = diagnostics.list().size();
  plan.outer = component.flag("outer");
  plan.position = component.has("position");
  if (component.has("separator"))
    plan.separator = component.text("separator");
  if (plan.separator && plan.separator->empty())
    diagnostics.error(component.place_of("separator"), "wrong-value", "the separator must not be empty");
  for (const auto& [name, value] : component.map("as"))
    plan.parts.push_back(plan_part(name, value, plan.separator.has_value(), diagnostics));
  if (!input)
    return plan;
  const auto column = topology::check_column(component, "column", input, diagnostics, {Type::kJson, Type::kString});
  if (column && plan.separator && input->field(*column).type == Type::kJson)
    diagnostics.error(component.place_of("separator"), "wrong-type",
                      "a separator divides a text, and " + component.text("column") + " is json",
                      "leave separator out: a json array needs none");
  if (!column || diagnostics.list().size() > mistakes)
    return plan;
  plan.column = *column;
  plan.is_text = input->field(*column).type == Type::kString;
  std::vector<Field> fields;
  for (size_t c = 0; c < input->size(); ++c)
    if (c != plan.column) {
      plan.kept.push_back(c);
      fields.push_back(input->field(c));
    }
  for (const ExplodePlan::Part& part : plan.parts)
    fields.push_back(part.field);
  if (plan.position)
    fields.push_back({component.text("position"), Type::kInt64, !plan.outer});
  plan.schema = topology::make_schema(std::move(fields), component.place_of("as"), diagnostics);
  return plan;
}

}  // namespace

topology::ComponentType explode_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = kExplodeType;
  type.summary = "Makes of a row with a list one row for each element.";
  type.example =
      "words:\n"
      "  type: explode\n"
      "  input: shop\n"
      "  column: category\n"
      "  separator: \"-\"\n"
      "  as: {word: string}\n";
  type.properties = {
      {.name = "column",
       .kind = Kind::kColumn,
       .meaning = "The list: a json array, or a text; it is not in the result.",
       .required = true},
      {.name = "as",
       .kind = Kind::kMap,
       .meaning = "What becomes of an element: columns by name, each of a type.",
       .required = true,
       .minimum = 1,
       .element = Kind::kGroup,
       .members = {{.name = "type",
                    .kind = Kind::kChoice,
                    .meaning = "The column's type; an element that does not convert to it rejects the row.",
                    .required = true,
                    .choices = {"bool", "int64", "float64", "string", "timestamp", "json"}},
                   {.name = "path",
                    .kind = Kind::kString,
                    .meaning = "Which member of the element, as `product.id`; default: of an object the one of the "
                               "column's name (for json the object itself), of any other element its value."}},
       .scalar = "type"},
      {.name = "separator",
       .kind = Kind::kString,
       .meaning = "What divides the parts of a text; empty parts do not count. Without it the column is a json array."},
      {.name = "outer",
       .kind = Kind::kBool,
       .meaning = "Keeps a row whose list is null or empty, with nulls for the element.",
       .default_value = "false"},
      {.name = "position",
       .kind = Kind::kString,
       .meaning = "Name of a further column with the element's place in its list, from 0."},
  };
  type.bind = [](const Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = plan_explode(component, context.inputs[0].schema, context.diagnostics).schema;
    refuse_changes(component, context, "the rows of elements that are no longer in a list would stay");
    return binding;
  };
  return type;
}

Result<StagePtr> make_explode(const MakeContext& context) {
  Diagnostics diagnostics;
  ExplodePlan plan = plan_explode(context.component, context.inputs[0].schema, diagnostics);
  if (!plan.schema)
    return internal_error("the explode " + context.component.id + " was not checked before it was made");
  return StagePtr(std::make_unique<Explode>(std::move(plan)));
}

}  // namespace penstock
