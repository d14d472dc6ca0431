#include <algorithm>

#include "actors/aggregators/resident_keys.h"
#include "actors/aggregators/sort.h"
#include "actors/components.h"
#include "actors/stages/view_input.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;

topology::Binding bind_sort(const Component& component, const topology::BindContext& context) {
  const topology::Input& input = context.inputs[0];
  topology::Binding binding;
  binding.stateful = true;
  binding.is_view = true;
  binding.routing = {topology::Routing::Kind::kExchange, {}};
  binding.output = input.schema;
  (void)topology::check_sort_columns(component, "by", input.schema, context.diagnostics);
  if (!input.is_view)
    refuse_changes(component, context, "a sort would keep each change as a row of its own");
  if (!input.is_view && !component.has("limit"))
    context.diagnostics.error(component.place, "missing-key",
                              input.id + " never ends, so a sort of it must say how many rows to keep",
                              "add `limit: 100`");
  if (!input.is_view && component.has("memory"))
    context.diagnostics.error(component.place_of("memory"), "wrong-value",
                              input.id + " is no view: the rows of its sort stay in memory, as many as limit says",
                              "leave memory out, or lower limit");
  if (input.is_view && input.key.empty())
    context.diagnostics.error(component.input_places.empty() ? component.place : component.input_places[0],
                              "view-input", input.id + " has no key: it is one row, or sorted already",
                              "sort what it is made from");
  return binding;
}

std::vector<topology::Expected> expect_sort(const topology::ExpectContext& context) {
  using Of = topology::Expected::Kind;
  double row = 0;
  for (const Field& field : context.inputs[0].schema->fields())
    row += topology::key_bytes(field.type);
  const bool of_view = context.inputs[0].is_view;
  const double rows = of_view ? context.keys : static_cast<double>(context.component.integer("limit"));
  return {{of_view ? Of::kState : Of::kMemory, "rows", rows, Sort::bytes_a_row(row, of_view)},
          {Of::kDisk, "rows", rows, 2 * row + 32}};
}

}  // namespace

topology::ComponentType sort_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "sort";
  type.summary = "The first rows in order, as a view; lookup by rank.";
  type.example =
      "dearest:\n"
      "  type: sort\n"
      "  input: shop\n"
      "  by: [price desc nulls last, at]\n"
      "  limit: 100\n";
  type.properties = {
      {.name = "by",
       .kind = Kind::kList,
       .meaning = "Columns, each with `asc` or `desc` and `nulls first` or `nulls last` where wanted.",
       .required = true,
       .minimum = 1},
      {.name = "limit",
       .kind = Kind::kInteger,
       .meaning = "How many rows to keep; may be left out over a view.",
       .minimum = 1,
       .maximum = 10e6,
       .unit = "rows"},
      memory_property("rows of a view"),
  };
  type.bind = bind_sort;
  type.expect = expect_sort;
  return type;
}

Result<std::unique_ptr<Aggregator>> make_sort(const MakeContext& context) {
  const topology::Input& input = context.inputs[0];
  topology::Diagnostics diagnostics;
  const auto by = topology::check_sort_columns(context.component, "by", input.schema, diagnostics);
  if (!by)
    return internal_error("the sort " + context.component.id + " was not checked before it was made");
  SortPlan plan;
  plan.by = *by;
  plan.limit = context.component.has("limit") ? static_cast<uint64_t>(context.component.integer("limit")) : 0;
  plan.of_view = input.is_view;
  for (const std::string& column : input.key)
    plan.view_key.push_back(input.schema->index_of(column).value_or(0));
  plan.schema = input.schema;
  return std::unique_ptr<Aggregator>(std::make_unique<Sort>(std::move(plan)));
}

}  // namespace penstock
