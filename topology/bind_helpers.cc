#include "topology/bind_helpers.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "topology/hint.h"

namespace penstock::topology {
namespace {

std::string type_names(std::initializer_list<Type> types) {
  std::string out;
  for (const Type type : types)
    out += (out.empty() ? "" : " or ") + std::string(type_name(type));
  return out;
}

bool contains(std::initializer_list<Type> types, Type type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  return words;
}

}  // namespace

void report(const sql::Problem& problem, const PropertyValue& value, Diagnostics& diagnostics, std::string code) {
  diagnostics.error(value.place_at(problem.offset), std::move(code), problem.message, problem.hint);
}

std::optional<sql::Expression> compile_expression(const PropertyValue& value, const SchemaPtr& schema,
                                                  Diagnostics& diagnostics) {
  if (schema == nullptr)
    return std::nullopt;
  auto compiled = sql::Expression::compile(std::get<std::string>(value.value), schema);
  if (compiled.ok())
    return std::move(compiled).value();
  report(compiled.problem(), value, diagnostics);
  return std::nullopt;
}

std::optional<sql::Expression> compile_expression(const Component& component, std::string_view property,
                                                  const SchemaPtr& schema, Diagnostics& diagnostics) {
  const PropertyValue* value = component.find(property);
  return value == nullptr ? std::nullopt : compile_expression(*value, schema, diagnostics);
}

std::optional<sql::Expression> compile_expression(const Component& component, std::string_view property,
                                                  std::initializer_list<Type> allowed, const SchemaPtr& schema,
                                                  Diagnostics& diagnostics) {
  auto expression = compile_expression(component, property, schema, diagnostics);
  if (!expression || contains(allowed, expression->type()))
    return expression;
  diagnostics.error(component.place_of(property), "wrong-type",
                    std::string(property) + " must be " + type_names(allowed) + ", but this expression is " +
                        std::string(type_name(expression->type())),
                    contains(allowed, Type::kBool) ? "compare it with something, as in `minutes > 30`" : "");
  return std::nullopt;
}

std::optional<sql::Expression> compile_condition(const Component& component, std::string_view property,
                                                 const SchemaPtr& schema, Diagnostics& diagnostics) {
  return compile_expression(component, property, {Type::kBool}, schema, diagnostics);
}

std::optional<sql::AggregateCall> compile_aggregate(const PropertyValue& value, const SchemaPtr& schema,
                                                    Diagnostics& diagnostics) {
  if (schema == nullptr)
    return std::nullopt;
  auto compiled = sql::AggregateCall::compile(std::get<std::string>(value.value), schema);
  if (compiled.ok())
    return std::move(compiled).value();
  report(compiled.problem(), value, diagnostics);
  return std::nullopt;
}

std::optional<size_t> check_column(const std::string& name, Place place, const SchemaPtr& schema,
                                   Diagnostics& diagnostics, std::initializer_list<Type> allowed) {
  if (schema == nullptr)
    return std::nullopt;
  const std::optional<size_t> index = schema->index_of(name);
  if (!index) {
    diagnostics.error(place, "unknown-column", "there is no column \"" + name + "\"",
                      nearest_hint(name, schema->names(), "the columns are"));
    return std::nullopt;
  }
  const Type type = schema->field(*index).type;
  if (allowed.size() != 0 && !contains(allowed, type)) {
    diagnostics.error(place, "wrong-type",
                      "the column " + name + " is " + std::string(type_name(type)) + ", but " + type_names(allowed) +
                          " is needed here");
    return std::nullopt;
  }
  return index;
}

std::optional<size_t> check_column(const Component& component, std::string_view property, const SchemaPtr& schema,
                                   Diagnostics& diagnostics, std::initializer_list<Type> allowed) {
  const PropertyValue* value = component.find(property);
  if (value == nullptr)
    return std::nullopt;
  return check_column(std::get<std::string>(value->value), value->place, schema, diagnostics, allowed);
}

std::optional<std::vector<size_t>> check_columns(const Component& component, std::string_view property,
                                                 const SchemaPtr& schema, Diagnostics& diagnostics) {
  if (!component.has(property) || schema == nullptr)
    return std::nullopt;
  std::vector<size_t> columns;
  bool good = true;
  for (const PropertyValue& entry : component.list(property)) {
    const std::string& name = std::get<std::string>(entry.value);
    const std::optional<size_t> index = check_column(name, entry.place, schema, diagnostics);
    good = good && index;
    if (!index)
      continue;
    if (std::find(columns.begin(), columns.end(), *index) != columns.end()) {
      diagnostics.error(entry.place, "duplicate-column", "the column " + name + " is there twice",
                        "remove one of them");
      good = false;
    }
    columns.push_back(*index);
  }
  return good ? std::optional(columns) : std::nullopt;
}

std::optional<std::vector<SortColumn>> check_sort_columns(const Component& component, std::string_view property,
                                                          const SchemaPtr& schema, Diagnostics& diagnostics) {
  if (!component.has(property) || schema == nullptr)
    return std::nullopt;
  std::vector<SortColumn> columns;
  bool good = true;
  for (const PropertyValue& entry : component.list(property)) {
    const std::vector<std::string> words = split_words(std::get<std::string>(entry.value));
    const std::string name = words.empty() ? "" : words[0];
    size_t next = 1;
    const auto is_next = [&](std::string_view word) { return next < words.size() && lower(words[next]) == word; };
    SortColumn column;
    column.descending = is_next("desc");
    if (is_next("asc") || is_next("desc"))
      ++next;
    column.nulls_first = column.descending;
    if (is_next("nulls") && next + 1 < words.size()) {
      ++next;
      column.nulls_first = is_next("first");
      next += is_next("first") || is_next("last") ? 1 : 0;
    }
    if (next != words.size()) {
      diagnostics.error(entry.place, "wrong-type", "\"" + std::get<std::string>(entry.value) + "\" is no order",
                        "write `column`, `column desc`, or `column asc nulls first`");
      good = false;
      continue;
    }
    const std::optional<size_t> index = check_column(name, entry.place, schema, diagnostics);
    good = good && index;
    column.column = index.value_or(0);
    columns.push_back(column);
  }
  return good ? std::optional(columns) : std::nullopt;
}

SchemaPtr make_schema(std::vector<Field> fields, Place place, Diagnostics& diagnostics) {
  if (fields.empty()) {
    diagnostics.error(place, "no-columns", "no column is left");
    return nullptr;
  }
  for (size_t i = 0; i < fields.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (fields[i].name == fields[j].name) {
        diagnostics.error(place, "duplicate-column", "two columns of the result are named " + fields[i].name,
                          "give one of them another name");
        return nullptr;
      }
  return std::make_shared<const Schema>(std::move(fields));
}

SchemaPtr check_schema(const Component& component, std::string_view property, const BindContext& context) {
  return component.has(property) ? context.schema(component.text(property)) : nullptr;
}

}  // namespace penstock::topology
