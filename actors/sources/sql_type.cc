#include "actors/components.h"
#include "actors/databases/sql_text.h"
#include "actors/sources/log_properties.h"
#include "actors/sources/sql.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;

topology::Binding bind_sql_source(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  topology::Diagnostics& diagnostics = context.diagnostics;
  binding.output = topology::check_schema(component, "schema", context);
  check_log(component, binding.output, diagnostics);
  (void)topology::check_column(component, "event_time", binding.output, diagnostics, {Type::kTimestamp});
  (void)topology::check_column(component, "cursor", binding.output, diagnostics,
                               {Type::kInt64, Type::kTimestamp, Type::kString});
  if (const auto kind = SociDatabase::kind_of(component.text("connection")); !kind.ok())
    diagnostics.error(component.place_of("connection"), "wrong-value", kind.status().message(), "");
  if (component.has("table") == component.has("query"))
    diagnostics.error(component.has("query") ? component.place_of("query") : component.place,
                      component.has("query") ? "conflict" : "missing-key",
                      "the source " + component.id + " needs either table or query", "");
  return binding;
}

}  // namespace

topology::ComponentType sql_source_type() {
  topology::ComponentType type;
  type.role = topology::Role::kSource;
  type.name = "sql";
  type.summary =
      "Rows of a table or query of SQLite or PostgreSQL: what is new by a cursor, or all of them whenever they change.";
  type.example =
      "customers:\n"
      "  type: sql\n"
      "  connection: sqlite:shop.db\n"
      "  table: customers\n"
      "  schema: event\n"
      "  cursor: id\n"
      "  poll: 10s\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = {
      {.name = "connection",
       .kind = Kind::kString,
       .meaning = "The database: `sqlite:///folder/file.db`, `sqlite:file.db` beside the topology file, or "
                  "`postgresql://user:password@host:port/database`.",
       .required = true},
      {.name = "table", .kind = Kind::kString, .meaning = "The table or database view to read; or give `query`."},
      {.name = "query", .kind = Kind::kString, .meaning = "A SELECT in the database's own SQL."},
      {.name = "schema", .kind = Kind::kSchema, .meaning = "The columns to read, found by name.", .required = true},
      {.name = "event_time",
       .kind = Kind::kColumn,
       .meaning = "The timestamp column that says when an event happened."},
      {.name = "cursor",
       .kind = Kind::kColumn,
       .meaning = "A column that grows with every row, such as a serial number: only rows above the last one read are "
                  "read; without it all rows are, whenever any has changed."},
      {.name = "poll",
       .kind = Kind::kDuration,
       .meaning = "How long to wait, once all is read, before looking again; by default it reads once.",
       .minimum = 0.01},
  };
  for (topology::Property& property : log_properties())
    type.properties.push_back(std::move(property));
  type.bind = bind_sql_source;
  return type;
}

Result<SourcePtr> make_sql_source(const MakeContext& context) {
  const Component& component = context.component;
  SqlSourceOptions options;
  options.connection = component.text("connection");
  options.folder = context.folder;
  options.from = component.has("table") ? sql_table(component.text("table")) : "(" + component.text("query") + ")";
  options.schema = context.binding.output;
  if (component.has("cursor"))
    options.cursor = options.schema->index_of(component.text("cursor"));
  if (component.has("poll"))
    options.poll = component.duration("poll");
  return SourcePtr(std::make_unique<SqlSource>(std::move(options), context.clock));
}

}  // namespace penstock
