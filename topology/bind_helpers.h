// What the `bind` functions of component types have in common: expressions, columns, schemas and files, each mistake
// reported at its own place in the topology file, with the nearest known name. Pure but for looking whether files exist.
//
// Every helper reports what is wrong itself; an empty answer means that the property is absent, that a mistake was
// reported, or that the input's schema is unknown because the input has mistakes of its own.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/schema.h"
#include "sql/aggregate.h"
#include "sql/expression.h"
#include "topology/component_type.h"

namespace penstock::topology {

/// Reports a problem of a SQL text at its place inside the property's value.
void report(const sql::Problem& problem, const PropertyValue& value, Diagnostics& diagnostics,
            std::string code = "bad-expression");

/// Any value. The first form takes a property, the second an entry of a list or map.
std::optional<sql::Expression> compile_expression(const Component& component, std::string_view property,
                                                  const SchemaPtr& schema, Diagnostics& diagnostics);
std::optional<sql::Expression> compile_expression(const PropertyValue& value, const SchemaPtr& schema,
                                                  Diagnostics& diagnostics);
/// The expression's type must be one of `allowed`.
std::optional<sql::Expression> compile_expression(const Component& component, std::string_view property,
                                                  std::initializer_list<Type> allowed, const SchemaPtr& schema,
                                                  Diagnostics& diagnostics);
/// A condition: its type must be bool.
std::optional<sql::Expression> compile_condition(const Component& component, std::string_view property,
                                                 const SchemaPtr& schema, Diagnostics& diagnostics);
/// `count(*)`, `sum(price)`.
std::optional<sql::AggregateCall> compile_aggregate(const PropertyValue& value, const SchemaPtr& schema,
                                                    Diagnostics& diagnostics);

/// Index of the named column. `allowed` empty: any type will do.
std::optional<size_t> check_column(const Component& component, std::string_view property, const SchemaPtr& schema,
                                   Diagnostics& diagnostics, std::initializer_list<Type> allowed = {});
/// The same for one text (an entry of a list, a key of a map) that stands at `place`.
std::optional<size_t> check_column(const std::string& name, Place place, const SchemaPtr& schema,
                                   Diagnostics& diagnostics, std::initializer_list<Type> allowed = {});
/// Indexes of a list of columns, in order; none named twice. Empty if any was wrong.
std::optional<std::vector<size_t>> check_columns(const Component& component, std::string_view property,
                                                 const SchemaPtr& schema, Diagnostics& diagnostics);

/// One entry of a sort's `by`: `column [asc|desc] [nulls first|last]`. Without a word on nulls they come last when
/// ascending and first when descending, as in PostgreSQL.
struct SortColumn {
  size_t column = 0;
  bool descending = false;
  bool nulls_first = false;
};
/// Empty if any entry was wrong.
std::optional<std::vector<SortColumn>> check_sort_columns(const Component& component, std::string_view property,
                                                          const SchemaPtr& schema, Diagnostics& diagnostics);

/// A schema of these fields, where names come once; null (and reported at `place`) otherwise, or if there are none.
SchemaPtr make_schema(std::vector<Field> fields, Place place, Diagnostics& diagnostics);
/// The entry of `schemas` that the property names. Null if the property is absent (an unknown name was reported before).
SchemaPtr check_schema(const Component& component, std::string_view property, const BindContext& context);

/// `path` as given if it is absolute, else below the topology file's folder.
std::string resolve_path(const std::string& folder, const std::string& path);
/// The files that the property's path or glob (`*`, `?`) means, sorted. Reported and empty if there is none, or one
/// cannot be read.
std::vector<std::string> check_files(const Component& component, std::string_view property, const BindContext& context);
/// Reports a path for output whose folder does not exist.
bool check_output_folder(const Component& component, std::string_view property, const BindContext& context);

}  // namespace penstock::topology
