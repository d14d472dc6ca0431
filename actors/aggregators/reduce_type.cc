#include <algorithm>

#include "actors/aggregators/reduce.h"
#include "actors/components.h"
#include "actors/stages/view_input.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Kind;

/// Without a schema if anything was wrong.
ReducePlan plan_reduce(const Component& component, const SchemaPtr& input, Diagnostics& diagnostics) {
  ReducePlan plan;
  if (!input)
    return plan;
  std::vector<Field> fields;
  bool good = true;
  if (component.has("group_by")) {
    const auto columns = topology::check_columns(component, "group_by", input, diagnostics);
    good = columns.has_value();
    for (const size_t column : columns.value_or(std::vector<size_t>()))
      fields.push_back(input->field(column));
    plan.group_by = columns.value_or(std::vector<size_t>());
  }
  for (const auto& [name, value] : component.map("aggregates")) {
    const auto call = topology::compile_aggregate(value, input, diagnostics);
    good = good && call;
    if (!call)
      continue;
    plan.aggregates.push_back({name, *call});
    fields.push_back({name, call->type(), !call->nullable()});
  }
  if (good)
    plan.schema = topology::make_schema(std::move(fields), component.place_of("aggregates"), diagnostics);
  return plan;
}

topology::Binding bind_reduce(const Component& component, const topology::BindContext& context) {
  const topology::Input& input = context.inputs[0];
  topology::Binding binding;
  binding.stateful = true;
  binding.is_view = true;
  if (component.has("group_by"))
    binding.key = component.texts("group_by");
  binding.routing = {topology::Routing::Kind::kExchange, binding.key};
  refuse_changes(component, context, "a reduce would count each change again");
  if (binding.key.empty() && component.integer("workers") > 1)
    context.diagnostics.error(component.place_of("workers"), "wrong-value",
                              "without group_by all rows are one group, which only one worker can hold",
                              "leave workers out, or give group_by");
  binding.output = plan_reduce(component, input.schema, context.diagnostics).schema;
  return binding;
}

// Of a set of distinct values nobody can tell how large it becomes: it counts as empty.
std::vector<topology::Expected> expect_reduce(const topology::ExpectContext& context) {
  using Of = topology::Expected::Kind;
  Diagnostics diagnostics;
  const ReducePlan plan = plan_reduce(context.component, context.inputs[0].schema, diagnostics);
  double key = 0;
  for (const size_t column : plan.group_by)
    key += topology::key_bytes(context.inputs[0].schema->field(column).type);
  const double stored = key + 10.0 * static_cast<double>(plan.aggregates.size()) + 24;  // an entry of the table
  return {{Of::kState, "groups", context.keys, key + static_cast<double>(Reduce::bytes_a_group(plan))},
          {Of::kDisk, "groups", context.keys, stored}};
}

}  // namespace

topology::ComponentType reduce_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "reduce";
  type.summary = "Groups rows by key columns and keeps aggregates of each group; the result is a view.";
  type.example =
      "sales:\n"
      "  type: reduce\n"
      "  input: shop\n"
      "  group_by: [item_id]\n"
      "  aggregates:\n"
      "    sold: sum(quantity) FILTER (WHERE event = 'purchase')\n"
      "    views: count(*) FILTER (WHERE event = 'view')\n"
      "    last_seen: max(at)\n"
      "  workers: 2\n";
  type.properties = {
      {.name = "group_by",
       .kind = Kind::kList,
       .meaning = "The key columns; without them all rows are one group.",
       .element = Kind::kColumn},
      {.name = "aggregates",
       .kind = Kind::kMap,
       .meaning =
           "Aggregates by the name of their column: count, count(distinct), sum, min, max, avg, first, last, "
           "variance, stddev, approx_count_distinct, approx_percentile, median, top_k, decayed_sum, decayed_count; "
           "each may have FILTER (WHERE ...).",
       .required = true,
       .minimum = 1,
       .element = Kind::kExpression},
      {.name = "workers",
       .kind = Kind::kInteger,
       .meaning = "How many workers share the keys.",
       .default_value = "1",
       .minimum = 1,
       .maximum = 64},
      memory_property("groups"),
  };
  type.bind = bind_reduce;
  type.expect = expect_reduce;
  return type;
}

Result<std::unique_ptr<Aggregator>> make_reduce(const MakeContext& context) {
  Diagnostics diagnostics;
  ReducePlan plan = plan_reduce(context.component, context.inputs[0].schema, diagnostics);
  if (!plan.schema)
    return internal_error("the reduce " + context.component.id + " was not checked before it was made");
  return std::unique_ptr<Aggregator>(std::make_unique<Reduce>(std::move(plan)));
}

}  // namespace penstock
