#include "actors/aggregators/join_plan.h"

#include <algorithm>
#include <set>

#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Input;

constexpr size_t kLeft = JoinPlan::kLeft, kRight = JoinPlan::kRight;

// Pairs of columns that must be equal.
void plan_keys(const Component& component, const std::vector<Input>& inputs, JoinPlan& plan, Diagnostics& diagnostics) {
  const auto add = [&](const std::string& left, topology::Place left_place, const std::string& right,
                       topology::Place right_place) {
    const auto left_column = topology::check_column(left, left_place, inputs[kLeft].schema, diagnostics);
    const auto right_column = topology::check_column(right, right_place, inputs[kRight].schema, diagnostics);
    if (!left_column || !right_column)
      return;
    const Type type = inputs[kLeft].schema->field(*left_column).type;
    const Type other = inputs[kRight].schema->field(*right_column).type;
    if (type != other)
      diagnostics.error(right_place, "wrong-type",
                        left + " of " + inputs[kLeft].id + " is " + std::string(type_name(type)) + ", but " + right +
                            " of " + inputs[kRight].id + " is " + std::string(type_name(other)) +
                            ": they are never equal",
                        "cast one of them in a map before the join");
    plan.sides[kLeft].key.push_back(*left_column);
    plan.sides[kRight].key.push_back(*right_column);
  };
  if (component.has("on") == component.has("by")) {
    diagnostics.error(component.has("by") ? component.place_of("by") : component.place,
                      component.has("by") ? "conflict" : "missing-key", "a join needs either `on` or `by`",
                      "write `on: {left_column: right_column}`, or `by: [column]` where both sides name it alike");
    return;
  }
  if (component.has("on"))
    for (const auto& [left, right] : component.map("on"))
      add(left, right.key_place, std::get<std::string>(right.value), right.place);
  else
    for (const topology::PropertyValue& name : component.list("by"))
      add(std::get<std::string>(name.value), name.place, std::get<std::string>(name.value), name.place);
}

void plan_mode(const Component& component, JoinPlan& plan, Diagnostics& diagnostics) {
  using Mode = JoinPlan::Mode;
  if (joins_streams(component) == component.has("table")) {
    diagnostics.error(component.has("table") ? component.place_of("table") : component.place,
                      component.has("table") ? "conflict" : "missing-key",
                      component.has("table") ? "a join is with a table or within a time, not both"
                                             : "the join does not say what its right input is",
                      "write `table: current`, `table: as_of`, or `within: 10m` for two streams");
    return;
  }
  plan.mode = joins_streams(component)             ? Mode::kStream
              : component.text("table") == "as_of" ? Mode::kAsOf
                                                   : Mode::kCurrent;
  const auto refuse = [&](const char* property, const char* goes_with) {
    const topology::PropertyValue* value = component.find(property);
    if (value && !value->defaulted)
      diagnostics.error(value->place, "conflict", std::string(property) + " goes with " + goes_with + " only",
                        "leave it out");
  };
  if (plan.mode == Mode::kStream)
    for (const char* property : {"wait", "deleted"})
      refuse(property, "`table`");
  if (plan.mode != Mode::kAsOf)
    refuse("retain", "`table: as_of`");
  if (plan.mode == Mode::kCurrent)
    for (const char* property : {"time", "right_time", "allowed_lateness", "idle_timeout"})
      refuse(property, "`table: as_of` and `within`");
  if (component.has("within"))
    for (const char* property : {"before", "after"})
      if (component.has(property))
        diagnostics.error(component.place_of(property), "conflict",
                          "within says both how long before and how long after", "leave within or this out");
}

void plan_times(const Component& component, const std::vector<Input>& inputs, JoinPlan& plan,
                Diagnostics& diagnostics) {
  if (plan.mode == JoinPlan::Mode::kCurrent)
    return;
  if (!component.has("time")) {
    diagnostics.error(component.place, "missing-key", "the join needs `time`, the left input's column of event time",
                      "give right_time too, unless the right input names its column alike");
    return;
  }
  plan.sides[kLeft].time =
      topology::check_column(component, "time", inputs[kLeft].schema, diagnostics, {Type::kTimestamp});
  const char* right = component.has("right_time") ? "right_time" : "time";
  plan.sides[kRight].time =
      topology::check_column(component, right, inputs[kRight].schema, diagnostics, {Type::kTimestamp});
}

// All columns of both sides, by the names that expressions know them by.
std::vector<Field> all_columns(const Component& component, const std::vector<Input>& inputs, const JoinPlan& plan) {
  std::vector<Field> fields = inputs[kLeft].schema->fields();
  std::string prefix = inputs[kRight].id + "_";
  std::replace_if(
      prefix.begin(), prefix.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  if (component.has("prefix"))
    prefix = component.text("prefix");
  for (Field field : inputs[kRight].schema->fields()) {
    if (inputs[kLeft].schema->index_of(field.name))
      field.name = prefix + field.name;
    field.required = field.required && !plan.keeps_unmatched;
    fields.push_back(std::move(field));
  }
  return fields;
}

std::string quoted(const std::string& name) {
  std::string out = "\"";
  for (const char c : name)
    out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

using Texts = std::vector<std::pair<std::string, topology::PropertyValue>>;

// The columns of the result. Without `select` all of the left, and those of the right that its key does not say already.
Texts selected(const Component& component, const std::vector<Input>& inputs, const JoinPlan& plan,
               const std::vector<Field>& fields) {
  if (component.has("select"))
    return component.map("select");
  Texts out;
  const size_t lefts = inputs[kLeft].schema->size();
  for (size_t i = 0; i < fields.size(); ++i) {
    const bool repeats = i >= lefts && fields[i].name != inputs[kRight].schema->field(i - lefts).name &&
                         std::count(plan.sides[kRight].key.begin(), plan.sides[kRight].key.end(), i - lefts) > 0;
    topology::PropertyValue value;
    value.value = quoted(fields[i].name);
    value.place = component.place;
    if (!repeats)
      out.emplace_back(fields[i].name, std::move(value));
  }
  return out;
}

void plan_select(const Component& component, const std::vector<Input>& inputs, JoinPlan& plan,
                 Diagnostics& diagnostics) {
  const std::vector<Field> fields = all_columns(component, inputs, plan);
  for (size_t i = inputs[kLeft].schema->size(); i < fields.size(); ++i)
    if (std::count_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == fields[i].name; }) >
        1) {
      diagnostics.error(component.has("prefix") ? component.place_of("prefix") : component.place, "duplicate-column",
                        "both inputs have a column named " + fields[i].name,
                        "give `prefix: other_`, which goes before such names of " + inputs[kRight].id +
                            ", or rename the column in a map before the join");
      return;
    }
  const auto all = std::make_shared<const Schema>(fields);
  const Texts texts = selected(component, inputs, plan, fields);
  std::set<size_t> needed;
  for (const auto& [name, text] : texts)
    if (const auto expression = topology::compile_expression(text, all, diagnostics))
      needed.insert(expression->columns().begin(), expression->columns().end());
  if (needed.empty())
    needed.insert(0);
  std::vector<Field> pairs, result;
  const size_t lefts = inputs[kLeft].schema->size();
  for (const size_t column : needed) {
    pairs.push_back(fields[column]);
    plan.sides[column < lefts ? kLeft : kRight].columns.push_back(column < lefts ? column : column - lefts);
  }
  plan.pairs = std::make_shared<const Schema>(std::move(pairs));
  Diagnostics again;  // what is wrong was reported above
  for (const auto& [name, text] : texts)
    if (const auto expression = topology::compile_expression(text, plan.pairs, again)) {
      result.push_back({name, expression->type(), !expression->nullable()});
      plan.select.emplace_back(name, *expression);
    }
  if (result.empty())
    return;  // each is wrong
  plan.schema = topology::make_schema(std::move(result), component.place_of("select"), diagnostics);
}

}  // namespace

bool joins_streams(const Component& component) {
  return component.has("within") || component.has("before") || component.has("after");
}

JoinPlan plan_join(const Component& component, const std::vector<Input>& inputs, Diagnostics& diagnostics) {
  JoinPlan plan;
  const size_t mistakes = diagnostics.list().size();
  plan.keeps_unmatched = component.text("kind") == "left";
  plan_mode(component, plan, diagnostics);
  if (!inputs[kLeft].schema || !inputs[kRight].schema)
    return plan;
  plan_keys(component, inputs, plan, diagnostics);
  plan_times(component, inputs, plan, diagnostics);
  const Duration within = component.has("within") ? component.duration("within") : Duration{};
  plan.before = component.has("before") ? component.duration("before") : within;
  plan.after = component.has("after") ? component.duration("after") : within;
  plan.wait = component.duration("wait");
  if (component.has("retain"))
    plan.retain = component.duration("retain");
  plan.lateness = component.duration("allowed_lateness");
  if (component.has("idle_timeout"))
    plan.idle_timeout = component.duration("idle_timeout");
  if (component.has("deleted"))
    plan.deleted = topology::compile_condition(component, "deleted", inputs[kRight].schema, diagnostics);
  plan_select(component, inputs, plan, diagnostics);
  if (diagnostics.list().size() > mistakes)
    plan.schema = nullptr;
  return plan;
}

}  // namespace penstock
