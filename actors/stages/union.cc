#include "actors/stages/union.h"

#include <algorithm>

#include "actors/components.h"

namespace penstock {
namespace {

using topology::Input;

// The first difference between two inputs, in words; empty if there is none.
std::string difference(const Input& first, const Input& other) {
  for (size_t i = 0; i < std::max(first.schema->size(), other.schema->size()); ++i) {
    if (i >= other.schema->size())
      return other.id + " has no column " + first.schema->field(i).name + ", which " + first.id + " has";
    if (i >= first.schema->size())
      return other.id + " has a column " + other.schema->field(i).name + ", which " + first.id + " has not";
    const Field& a = first.schema->field(i);
    const Field& b = other.schema->field(i);
    const std::string place = "column " + std::to_string(i + 1);
    if (a.name != b.name)
      return place + " is " + a.name + " in " + first.id + " and " + b.name + " in " + other.id;
    if (a.type != b.type)
      return "the column " + a.name + " is " + std::string(type_name(a.type)) + " in " + first.id + " and " +
             std::string(type_name(b.type)) + " in " + other.id;
  }
  return {};
}

}  // namespace

Status Union::process(const BatchPtr& batch, StageOutput& out) {
  if (batch->rows() == 0)
    return ok();
  if (*batch->schema() == *schema_) {
    out.batches.push_back(batch);
    return ok();
  }
  const BatchPtr dense = batch->compact();
  out.batches.push_back(dense->with_columns(schema_, dense->columns()));
  return ok();
}

topology::ComponentType union_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "union";
  type.summary = "The rows of one input, or of several that have the same columns.";
  type.example =
      "both:\n"
      "  type: union\n"
      "  inputs: [shop, events]\n";
  type.min_inputs = 1;
  type.max_inputs = 64;
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    const Input& first = context.inputs.front();
    for (const Input& input : context.inputs)
      if (binding.key.empty())
        binding.key = input.key;  // see view_input.h
    if (!first.schema)
      return binding;
    std::vector<Field> fields = first.schema->fields();
    for (size_t i = 1; i < context.inputs.size(); ++i) {
      const Input& other = context.inputs[i];
      if (!other.schema)
        return binding;
      if (const std::string what = difference(first, other); !what.empty()) {
        const topology::Place place = i < component.input_places.size() ? component.input_places[i] : component.place;
        context.diagnostics.error(place, "schema-mismatch", "a union needs inputs with the same columns: " + what,
                                  "put a map with `rename` or `select` between");
        return binding;
      }
      for (size_t c = 0; c < fields.size(); ++c)
        fields[c].required = fields[c].required && other.schema->field(c).required;
    }
    binding.output = std::make_shared<Schema>(std::move(fields));
    return binding;
  };
  return type;
}

Result<StagePtr> make_union(const MakeContext& context) {
  return StagePtr(std::make_unique<Union>(context.binding.output));
}

}  // namespace penstock
