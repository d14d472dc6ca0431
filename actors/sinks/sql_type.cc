#include <algorithm>

#include "actors/components.h"
#include "actors/databases/sql_text.h"
#include "actors/sinks/delivery.h"
#include "actors/sinks/sql.h"
#include "topology/bind_helpers.h"
#include "topology/hint.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Input;
using topology::Kind;

// Without columns if anything was wrong.
SqlSinkOptions plan_sql_sink(const Component& component, const Input& input, Diagnostics& diagnostics) {
  SqlSinkOptions options;
  options.connection = component.text("connection");
  options.table = component.text("table");
  options.create = component.flag("create");
  options.batch_rows = static_cast<uint64_t>(component.integer("batch_rows"));
  if (const auto kind = SociDatabase::kind_of(options.connection); !kind.ok())
    diagnostics.error(component.place_of("connection"), "wrong-value", kind.status().message(), "");
  if (!input.schema)
    return options;
  const size_t mistakes = diagnostics.list().size();
  std::vector<std::string> names;
  const auto add = [&](const std::string& name, const topology::PropertyValue& text) {
    if (const auto expression = topology::compile_expression(text, input.schema, diagnostics))
      options.columns.emplace_back(name, *expression);
    names.push_back(name);
  };
  if (component.has("columns"))
    for (const auto& [name, text] : component.map("columns"))
      add(name, text);
  else
    for (const Field& field : input.schema->fields()) {
      topology::PropertyValue text;
      text.value = sql_name(field.name);
      add(field.name, text);
    }
  // A view's rows replace earlier ones.
  const std::vector<std::string> key = component.has("key") ? component.texts("key") : input.key;
  for (const std::string& name : key) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      diagnostics.error(component.place_of("key"), "unknown-column",
                        "the key column " + name + " is not among the columns that are written" +
                            (component.has("key") ? "" : ", but " + input.id + " is a view keyed by it"),
                        topology::nearest_hint(name, names, "the columns are"));
    else
      options.key.push_back(static_cast<size_t>(found - names.begin()));
  }
  if (input.is_view && key.empty())
    diagnostics.error(component.place, "view-input",
                      input.id +
                          " is a view without a key, whose one row replaces the earlier ones; a table would get "
                          "each of them",
                      "give key");
  if (diagnostics.list().size() > mistakes)
    options.columns.clear();
  return options;
}

}  // namespace

topology::ComponentType sql_sink_type() {
  topology::ComponentType type;
  type.role = topology::Role::kSink;
  type.name = "sql";
  type.summary = "Writes rows into a table of SQLite or PostgreSQL, each exactly once.";
  type.example =
      "warehouse:\n"
      "  type: sql\n"
      "  input: shop\n"
      "  connection: sqlite:warehouse.db\n"
      "  table: sales\n"
      "  columns: {id: event_id, customer: user_id, total: price * quantity}\n"
      "  key: [id]\n"
      "  create: true\n";
  type.properties = {
      {.name = "connection",
       .kind = Kind::kString,
       .meaning = "The database: `sqlite:///folder/file.db`, `sqlite:file.db` beside the topology file, or "
                  "`postgresql://user:password@host:port/database`.",
       .required = true},
      {.name = "table",
       .kind = Kind::kString,
       .meaning = "The table, with its schema where it has one: `public.sales`.",
       .required = true},
      {.name = "columns",
       .kind = Kind::kMap,
       .meaning =
           "The table's columns to fill, each with an expression over the input's; by default all, by their names.",
       .minimum = 1,
       .element = Kind::kExpression},
      {.name = "key",
       .kind = Kind::kList,
       .meaning =
           "A row replaces the one with the same values in these columns, which the table must hold to be unique; "
           "by default the key of a view, and else rows are appended.",
       .minimum = 1,
       .element = Kind::kString},
      {.name = "create",
       .kind = Kind::kBool,
       .meaning = "Create the table if it is not there, with `key` as its primary key.",
       .default_value = "false"},
      {.name = "batch_rows",
       .kind = Kind::kInteger,
       .meaning = "How many rows a transaction carries at most.",
       .default_value = "5000",
       .minimum = 1,
       .maximum = 100'000,
       .unit = "rows"},
  };
  for (topology::Property& property : delivery_properties())
    type.properties.push_back(std::move(property));
  type.bind = [](const Component& component, const topology::BindContext& context) {
    (void)plan_sql_sink(component, context.inputs[0], context.diagnostics);
    check_delivery(component, context.diagnostics);
    return topology::Binding{};
  };
  return type;
}

Result<SinkPtr> make_sql_sink(const MakeContext& context) {
  Diagnostics diagnostics;
  SqlSinkOptions options = plan_sql_sink(context.component, context.inputs[0], diagnostics);
  if (options.columns.empty())
    return internal_error("the sink " + context.component.id + " was not checked before it was made");
  options.folder = context.folder;
  options.name =
      (context.topology ? context.topology->name : "") + "/" + context.component.id + "/" + context.inputs[0].id;
  return SinkPtr(std::make_unique<SqlSink>(std::move(options)));
}

}  // namespace penstock
