#include "small_catalogue.h"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "topology/bind_helpers.h"
#include "topology/outputs.h"

namespace penstock::topology::testing {
namespace {

Binding bind_source(const Component& component, const BindContext& context) {
  Binding binding;
  binding.output = check_schema(component, "schema", context);
  if (component.has("path"))
    check_files(component, "path", context);
  return binding;
}

Binding bind_filter(const Component& component, const BindContext& context) {
  compile_condition(component, "where", context.inputs[0].schema, context.diagnostics);
  Binding binding;
  binding.output = context.inputs[0].schema;
  return binding;
}

Binding bind_map(const Component& component, const BindContext& context) {
  Binding binding;
  const SchemaPtr input = context.inputs[0].schema;
  if (input == nullptr)
    return binding;
  const std::string property = component.has("select") ? "select" : "add";
  std::vector<Field> fields = component.has("select") ? std::vector<Field>() : input->fields();
  bool good = true;
  for (const auto& [name, value] : component.has(property) ? component.map(property) : PropertyMap()) {
    const auto expression = compile_expression(value, input, context.diagnostics);
    good = good && expression;
    if (!expression)
      continue;
    const Field field{name, expression->type(), !expression->nullable()};
    const auto same = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == field.name; });
    if (same == fields.end())
      fields.push_back(field);
    else
      *same = field;
  }
  if (good)
    binding.output = make_schema(std::move(fields), component.place, context.diagnostics);
  return binding;
}

Binding bind_union(const Component&, const BindContext& context) {
  Binding binding;
  binding.output = context.inputs[0].schema;
  return binding;
}

Binding bind_buffer(const Component&, const BindContext& context) {
  Binding binding;
  binding.output = context.inputs[0].schema;
  binding.own_log = true;
  return binding;
}

Binding bind_reduce(const Component& component, const BindContext& context) {
  Binding binding;
  const SchemaPtr input = context.inputs[0].schema;
  const auto keys = check_columns(component, "group_by", input, context.diagnostics);
  std::vector<Field> fields;
  bool good = keys.has_value();
  for (const size_t key : keys.value_or(std::vector<size_t>{}))
    fields.push_back(input->field(key));
  for (const auto& [name, value] : component.map("aggregates")) {
    const auto call = compile_aggregate(value, input, context.diagnostics);
    good = good && call;
    if (call)
      fields.push_back({name, call->type(), !call->nullable()});
  }
  if (good)
    binding.output = make_schema(std::move(fields), component.place, context.diagnostics);
  binding.stateful = binding.is_view = true;
  binding.key = component.texts("group_by");
  binding.routing = {Routing::Kind::kExchange, binding.key};
  return binding;
}

std::vector<std::string> route_names(const Component& component) {
  std::vector<std::string> names;
  if (component.has("routes"))
    for (const auto& [name, where] : component.map("routes"))
      names.push_back(name);
  return names;
}

Binding bind_route(const Component& component, const BindContext& context) {
  Binding binding;
  binding.output = context.inputs[0].schema;
  binding.key = context.inputs[0].key;
  for (const std::string& name : route_names(component))
    binding.outputs[name] = binding.output;
  return binding;
}

Binding bind_sort(const Component& component, const BindContext& context) {
  Binding binding;
  check_sort_columns(component, "by", context.inputs[0].schema, context.diagnostics);
  binding.output = context.inputs[0].schema;
  binding.stateful = binding.is_view = true;
  binding.routing = {Routing::Kind::kExchange, {}};
  return binding;
}

Binding bind_sink(const Component& component, const BindContext& context) {
  check_output_folder(component, "path", context);
  return {};
}

Binding bind_model(const Component& component, const BindContext& context) {
  Binding binding;
  const SchemaPtr input = context.inputs[0].schema;
  check_column(component, "user", input, context.diagnostics, {Type::kInt64, Type::kString});
  check_column(component, "item", input, context.diagnostics, {Type::kInt64, Type::kString});
  compile_expression(component, "weight", {Type::kFloat64, Type::kInt64}, input, context.diagnostics);
  binding.routing = {Routing::Kind::kExchange, {component.text("user")}};
  return binding;
}

Binding bind_nothing(const Component&, const BindContext&) { return {}; }

std::vector<ComponentType> declare() {
  const Property workers{.name = "workers",
                         .kind = Kind::kInteger,
                         .meaning = "Workers.",
                         .default_value = "1",
                         .minimum = 1,
                         .maximum = 64};
  std::vector<ComponentType> types;
  types.push_back({Role::kSource,
                   "file",
                   "Reads files.",
                   "events: {type: file, schema: event}\n",
                   0,
                   0,
                   {{.name = "path", .kind = Kind::kPath, .meaning = "The file."},
                    {.name = "schema", .kind = Kind::kSchema, .meaning = "Its columns.", .required = true},
                    {.name = "format",
                     .kind = Kind::kChoice,
                     .meaning = "Its form.",
                     .default_value = "jsonl",
                     .choices = {"jsonl", "csv"}},
                    {.name = "header", .kind = Kind::kBool, .meaning = "It has a header.", .default_value = "true"},
                    {.name = "partitions",
                     .kind = Kind::kInteger,
                     .meaning = "Partitions of the log.",
                     .default_value = "1",
                     .minimum = 1,
                     .maximum = 1024,
                     .unit = "partitions"},
                    {.name = "poll",
                     .kind = Kind::kDuration,
                     .meaning = "Between looks.",
                     .default_value = "100ms",
                     .minimum = 0.001},
                    {.name = "chunk",
                     .kind = Kind::kBytes,
                     .meaning = "Read at once.",
                     .default_value = "1MiB",
                     .maximum = 1 << 30}},
                   {},
                   bind_source});
  types.push_back({Role::kSource,
                   "topic",
                   "Reads a topic.",
                   "",
                   0,
                   0,
                   {{.name = "topic", .kind = Kind::kString, .meaning = "The topic.", .required = true},
                    {.name = "schema", .kind = Kind::kSchema, .meaning = "Its columns.", .required = true}},
                   {},
                   bind_source});
  types.push_back({Role::kStage,
                   "filter",
                   "Keeps rows.",
                   "",
                   1,
                   1,
                   {{.name = "where", .kind = Kind::kExpression, .meaning = "The condition.", .required = true}},
                   {},
                   bind_filter});
  types.push_back({Role::kStage,
                   "map",
                   "Computes columns.",
                   "",
                   1,
                   1,
                   {{.name = "add", .kind = Kind::kMap, .meaning = "New columns.", .element = Kind::kExpression},
                    {.name = "select", .kind = Kind::kMap, .meaning = "All columns.", .element = Kind::kExpression}},
                   {},
                   bind_map});
  types.push_back({Role::kStage, "union", "All rows of its inputs.", "", 2, 8, {}, {}, bind_union});
  types.push_back({Role::kStage,
                   "buffer",
                   "A log between stages.",
                   "",
                   1,
                   1,
                   {{.name = "retain_for", .kind = Kind::kDuration, .meaning = "How long."},
                    {.name = "retain_bytes", .kind = Kind::kBytes, .meaning = "How much."}},
                   {},
                   bind_buffer});
  types.push_back(
      {Role::kStage,
       "reduce",
       "Aggregates by key.",
       "",
       1,
       1,
       {{.name = "group_by", .kind = Kind::kList, .meaning = "Key.", .default_value = "[]", .element = Kind::kColumn},
        {.name = "aggregates",
         .kind = Kind::kMap,
         .meaning = "Results.",
         .required = true,
         .minimum = 1,
         .element = Kind::kExpression},
        workers},
       {},
       bind_reduce});
  types.push_back({Role::kStage,
                   "route",
                   "Parts rows.",
                   "",
                   1,
                   1,
                   {{.name = "routes",
                     .kind = Kind::kMap,
                     .meaning = "Conditions.",
                     .required = true,
                     .element = Kind::kExpression}},
                   {},
                   bind_route});
  types.back().outputs = route_names;
  types.push_back({Role::kStage, kOutputType, "Passes on an output.", "", 1, 1, {}, {}, bind_output});
  types.back().internal = true;
  types.push_back({Role::kStage,
                   "sort",
                   "Orders rows.",
                   "",
                   1,
                   1,
                   {{.name = "by", .kind = Kind::kList, .meaning = "Order.", .required = true, .minimum = 1},
                    {.name = "limit", .kind = Kind::kInteger, .meaning = "Rows kept.", .minimum = 1, .unit = "rows"}},
                   {},
                   bind_sort});
  types.push_back({Role::kStage,
                   "query",
                   "A SELECT.",
                   "",
                   0,
                   0,
                   {{.name = "sql", .kind = Kind::kQuery, .meaning = "The SELECT.", .required = true}},
                   {},
                   bind_nothing});
  types.push_back({Role::kSink,
                   "file",
                   "Writes a file.",
                   "",
                   1,
                   1,
                   {{.name = "path", .kind = Kind::kPath, .meaning = "The file.", .required = true}},
                   {},
                   bind_sink});
  types.push_back(
      {Role::kModel,
       "als",
       "Alternating least squares.",
       "",
       1,
       1,
       {{.name = "user", .kind = Kind::kColumn, .meaning = "User.", .required = true},
        {.name = "item", .kind = Kind::kColumn, .meaning = "Item.", .required = true},
        {.name = "weight", .kind = Kind::kExpression, .meaning = "Weight."},
        {.name = "factors",
         .kind = Kind::kInteger,
         .meaning = "Length of the vectors.",
         .default_value = "64",
         .minimum = 1,
         .maximum = 1024,
         .unit = "factors"},
        {.name = "regularization", .kind = Kind::kNumber, .meaning = "Lambda.", .default_value = "0.01", .minimum = 0}},
       {},
       bind_model});
  types.push_back({Role::kServer,
                   "http",
                   "Answers requests.",
                   "",
                   0,
                   0,
                   {{.name = "listen", .kind = Kind::kString, .meaning = "Address.", .default_value = "127.0.0.1:8080"},
                    {.name = "model", .kind = Kind::kComponent, .meaning = "Default model."}},
                   {},
                   bind_nothing});
  return types;
}

}  // namespace

const Catalogue& small_catalogue() {
  static const Catalogue catalogue(declare());
  return catalogue;
}

const SettingsType& small_settings() {
  static const SettingsType type{
      {{.name = "memory_budget", .kind = Kind::kBytes, .meaning = "Memory.", .default_value = "2GiB"},
       {.name = "in_flight_bytes", .kind = Kind::kBytes, .meaning = "In flight.", .default_value = "64MiB"}},
      [](const PropertyValues& values, Diagnostics& diagnostics) {
        if (std::get<Bytes>(values.find("in_flight_bytes")->second.value) >
            std::get<Bytes>(values.find("memory_budget")->second.value))
          diagnostics.error(values.find("in_flight_bytes")->second.place, "out-of-bounds",
                            "more in flight than there is memory");
      }};
  return type;
}

CheckResult check_text(const std::string& text, const std::map<std::string, std::string>& variables,
                       const std::string& folder) {
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return check(text, "t.yaml", folder, small_catalogue(), small_settings(), environment);
}

std::string to_lines(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.list())
    out += (diagnostic.severity == Diagnostic::Severity::kWarning ? "warning " : "") +
           std::to_string(diagnostic.place.line) + ":" + std::to_string(diagnostic.place.column) + " " +
           diagnostic.code + ": " + diagnostic.text + (diagnostic.hint.empty() ? "" : " (" + diagnostic.hint + ")") +
           "\n";
  return out;
}

std::string mistakes(const std::string& text, const std::map<std::string, std::string>& variables) {
  return to_lines(check_text(text, variables).diagnostics);
}

CheckedTopology checked(const std::string& text) {
  CheckResult result = check_text(text);
  INFO(to_lines(result.diagnostics));
  REQUIRE(result.topology.has_value());
  return std::move(*result.topology);
}

}  // namespace penstock::topology::testing
