#include "actors/stages/map.h"

#include <algorithm>

#include "actors/components.h"
#include "actors/stages/reject.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;

struct Draft {
  std::vector<Field> fields;
  std::vector<MapPlan::Source> sources;

  std::optional<size_t> index_of(std::string_view name) const {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
    return found == fields.end() ? std::nullopt : std::optional<size_t>(found - fields.begin());
  }
  /// Reports an unknown name with the nearest one of the columns that there are at this step.
  std::optional<size_t> check(const std::string& name, topology::Place place, Diagnostics& diagnostics) const {
    return topology::check_column(name, place, std::make_shared<Schema>(fields), diagnostics);
  }
};

void compute_columns(const Component& component, const char* property, const SchemaPtr& input, MapPlan& plan,
                     Draft& draft, Diagnostics& diagnostics) {
  if (!component.has(property))
    return;
  for (const auto& [name, value] : component.map(property)) {
    const auto expression = topology::compile_expression(value, input, diagnostics);
    const Field field{name, expression ? expression->type() : Type::kString, expression && !expression->nullable()};
    const MapPlan::Source source{0, plan.expressions.size()};
    if (expression)
      plan.expressions.emplace_back(name, *expression);
    if (const std::optional<size_t> place = draft.index_of(name)) {
      draft.fields[*place] = field;
      draft.sources[*place] = source;
    } else {
      draft.fields.push_back(field);
      draft.sources.push_back(source);
    }
  }
}

void drop_columns(const Component& component, Draft& draft, Diagnostics& diagnostics) {
  if (!component.has("drop"))
    return;
  for (const topology::PropertyValue& value : component.list("drop")) {
    const std::optional<size_t> index = draft.check(std::get<std::string>(value.value), value.place, diagnostics);
    if (!index)
      continue;
    draft.fields.erase(draft.fields.begin() + static_cast<ptrdiff_t>(*index));
    draft.sources.erase(draft.sources.begin() + static_cast<ptrdiff_t>(*index));
  }
}

// All at once, so that two columns may swap their names.
void rename_columns(const Component& component, Draft& draft, Diagnostics& diagnostics) {
  if (!component.has("rename"))
    return;
  std::vector<Field> renamed = draft.fields;
  for (const auto& [from, to] : component.map("rename"))
    if (const std::optional<size_t> index = draft.check(from, to.place, diagnostics))
      renamed[*index].name = std::get<std::string>(to.value);
  draft.fields = std::move(renamed);
}

/// Without a schema if anything was wrong.
MapPlan plan_map(const Component& component, const SchemaPtr& input, Diagnostics& diagnostics) {
  MapPlan plan;
  if (!input)
    return plan;
  const size_t mistakes = diagnostics.list().size();
  Draft draft;
  if (component.has("select")) {
    for (const char* other : {"add", "drop", "rename"})
      if (component.has(other))
        diagnostics.error(
            component.place_of(other), "conflict",
            std::string(other) + " and select do not go together: select names every column of the result",
            "move it into select, or leave select out");
    compute_columns(component, "select", input, plan, draft, diagnostics);
  } else {
    for (size_t i = 0; i < input->size(); ++i) {
      draft.fields.push_back(input->field(i));
      draft.sources.push_back({i});
    }
    compute_columns(component, "add", input, plan, draft, diagnostics);
    drop_columns(component, draft, diagnostics);
    rename_columns(component, draft, diagnostics);
  }
  if (diagnostics.list().size() > mistakes)
    return plan;
  plan.sources = std::move(draft.sources);
  plan.schema = topology::make_schema(std::move(draft.fields), component.place, diagnostics);
  return plan;
}

}  // namespace

BatchPtr Map::compute(const BatchPtr& batch, std::vector<sql::Evaluated>& values) const {
  std::vector<ColumnPtr> columns;
  columns.reserve(plan_.sources.size());
  for (const MapPlan::Source& source : plan_.sources) {
    if (source.computed)
      columns.push_back(values[*source.computed].column);
    else
      columns.push_back(batch->selection() ? batch->column(source.input)->gather(*batch->selection())
                                           : batch->column(source.input));
  }
  return batch->with_columns(plan_.schema, std::move(columns));
}

Status Map::process(const BatchPtr& batch, StageOutput& out) {
  std::vector<sql::Evaluated> values;
  values.reserve(plan_.expressions.size());
  std::vector<sql::RowError> errors;
  for (const auto& [name, expression] : plan_.expressions) {
    values.push_back(expression.evaluate(*batch));
    for (const sql::RowError& error : values.back().errors)
      errors.push_back({error.row, name + ": " + error.message});
  }
  BatchPtr mapped = compute(batch, values);
  if (!errors.empty()) {
    reject_errors(batch, errors, "map", out.rejected);  // as they came in
    std::vector<Rejected> again;
    mapped = reject_errors(mapped, errors, "map", again);
  }
  if (mapped->rows() > 0)
    out.batches.push_back(std::move(mapped));
  return ok();
}

topology::ComponentType map_type() {
  using topology::Kind;
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "map";
  type.summary = "Gives each row other columns: adds computed ones, drops and renames, or selects all anew.";
  type.example =
      "lines:\n"
      "  type: map\n"
      "  input: shop\n"
      "  add: {total: price * quantity, day: \"CAST(at AS text)\"}\n"
      "  drop: [event_id]\n"
      "  rename: {user_id: customer}\n";
  type.properties = {
      {.name = "add",
       .kind = Kind::kMap,
       .meaning = "Columns to compute from the input's columns, by name; a name that exists is replaced.",
       .element = Kind::kExpression},
      {.name = "drop", .kind = Kind::kList, .meaning = "Columns to remove.", .element = Kind::kColumn},
      {.name = "rename", .kind = Kind::kMap, .meaning = "New names, by the old ones.", .element = Kind::kString},
      {.name = "select",
       .kind = Kind::kMap,
       .meaning =
           "All columns of the result in order, each an expression over the input's columns; not with the others.",
       .element = Kind::kExpression},
  };
  type.bind = [](const Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = plan_map(component, context.inputs[0].schema, context.diagnostics).schema;
    binding.key = context.inputs[0].key;  // see view_input.h
    return binding;
  };
  return type;
}

Result<StagePtr> make_map(const MakeContext& context) {
  Diagnostics diagnostics;
  MapPlan plan = plan_map(context.component, context.inputs[0].schema, diagnostics);
  if (!plan.schema)
    return internal_error("the map " + context.component.id + " was not checked before it was made");
  return StagePtr(std::make_unique<Map>(std::move(plan)));
}

}  // namespace penstock
