#include "actors/stages/route.h"

#include "actors/components.h"
#include "actors/stages/reject.h"
#include "topology/bind_helpers.h"
#include "topology/spec.h"

namespace penstock {
namespace {

using topology::Component;

// The batch without the physical rows that are marked.
BatchPtr without(const BatchPtr& batch, const std::vector<bool>& marked) {
  Selection rows;
  rows.reserve(batch->rows());
  for (size_t i = 0; i < batch->rows(); ++i)
    if (!marked[batch->row(i)])
      rows.push_back(static_cast<uint32_t>(batch->row(i)));
  return rows.size() == batch->rows() ? batch : batch->select(std::move(rows));
}

std::vector<std::string> route_names(const Component& component) {
  std::vector<std::string> names;
  if (component.has("routes"))
    for (const auto& [name, where] : component.map("routes"))
      names.push_back(name);
  return names;
}

RoutePlan plan_routes(const Component& component, const SchemaPtr& input, topology::Diagnostics& diagnostics) {
  RoutePlan plan;
  plan.all = component.text("copy") == "all";
  for (const auto& [name, where] : component.map("routes")) {
    if (!topology::is_id(name))
      diagnostics.error(where.key_place, "bad-id", "\"" + name + "\" cannot be the name of an output",
                        "names begin with a small letter and consist of small letters, digits, _ and -");
    const auto expression = topology::compile_expression(where, input, diagnostics);
    if (expression && expression->type() != Type::kBool)
      diagnostics.error(
          where.place, "wrong-type",
          "the condition of a route must be bool, but this expression is " + std::string(type_name(expression->type())),
          "compare it with something, as in `score <= 2`");
    else if (expression)
      plan.routes.push_back({name, *expression});
  }
  return plan;
}

topology::Binding bind_route(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.output = context.inputs[0].schema;
  binding.key = context.inputs[0].key;  // see view_input.h
  (void)plan_routes(component, binding.output, context.diagnostics);
  for (const std::string& name : route_names(component))
    binding.outputs[name] = binding.output;
  return binding;
}

}  // namespace

void Route::to_first(const BatchPtr& batch, StageOutput& out) const {
  BatchPtr rest = batch;
  std::vector<bool> gone(batch->physical_rows());
  for (const RoutePlan::Route& route : plan_.routes) {
    sql::Selected selected = route.where.select(*rest);
    for (const sql::RowError& error : selected.errors) {
      out.rejected.push_back(reject_row(*rest, error.row, "routes: " + route.name + ": " + error.message));
      gone[rest->row(error.row)] = true;
    }
    for (const uint32_t row : selected.rows)
      gone[row] = true;
    if (!selected.rows.empty())
      out.sides.emplace_back(route.name, rest->select(std::move(selected.rows)));
    rest = without(rest, gone);
    if (rest->rows() == 0)
      return;
  }
  out.batches.push_back(std::move(rest));
}

void Route::to_all(const BatchPtr& batch, StageOutput& out) const {
  std::vector<sql::RowError> errors;
  for (const RoutePlan::Route& route : plan_.routes)
    for (const sql::RowError& error : route.where.select(*batch).errors)
      errors.push_back({error.row, route.name + ": " + error.message});
  const BatchPtr good = reject_errors(batch, errors, "routes", out.rejected);
  std::vector<bool> taken(batch->physical_rows());
  for (const RoutePlan::Route& route : plan_.routes) {
    Selection rows = route.where.select(*good).rows;
    for (const uint32_t row : rows)
      taken[row] = true;
    if (!rows.empty())
      out.sides.emplace_back(route.name, good->select(std::move(rows)));
  }
  if (BatchPtr rest = without(good, taken); rest->rows() > 0)
    out.batches.push_back(std::move(rest));
}

Status Route::process(const BatchPtr& batch, StageOutput& out) {
  if (batch->rows() == 0)
    return ok();
  plan_.all ? to_all(batch, out) : to_first(batch, out);
  return ok();
}

topology::ComponentType route_type() {
  using topology::Kind;
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "route";
  type.summary = "Parts its rows by conditions into outputs of their own, which others read as `id.name`.";
  type.example =
      "by_price:\n"
      "  type: route\n"
      "  input: shop\n"
      "  routes:\n"
      "    free: price = 0\n"
      "    dear: price > 100\n"
      "dear_again:\n"
      "  type: filter\n"
      "  input: by_price.dear\n"
      "  where: event = 'purchase'\n";
  type.properties = {
      {.name = "routes",
       .kind = Kind::kMap,
       .meaning = "Conditions by the name of their output, tried in this order; rows that none takes go to the main "
                  "output.",
       .required = true,
       .minimum = 1,
       .element = Kind::kExpression},
      {.name = "copy",
       .kind = Kind::kChoice,
       .meaning = "Whether a row goes to the first route whose condition is true, or to all of them.",
       .default_value = "first",
       .choices = {"first", "all"}},
  };
  type.bind = bind_route;
  type.outputs = route_names;
  return type;
}

Result<StagePtr> make_route(const MakeContext& context) {
  topology::Diagnostics diagnostics;
  RoutePlan plan = plan_routes(context.component, context.inputs[0].schema, diagnostics);
  if (diagnostics.any_errors())
    return internal_error("the route " + context.component.id + " was not checked before it was made");
  return StagePtr(std::make_unique<Route>(std::move(plan)));
}

}  // namespace penstock
