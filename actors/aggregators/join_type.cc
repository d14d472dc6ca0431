#include <set>

#include "actors/aggregators/join.h"
#include "actors/components.h"
#include "actors/stages/view_input.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Input;
using topology::Kind;

constexpr size_t kLeft = JoinPlan::kLeft, kRight = JoinPlan::kRight;

void check_views(const Component& component, const topology::BindContext& context, const JoinPlan& plan) {
  using Mode = JoinPlan::Mode;
  const auto place = [&](size_t side) {
    return side < component.input_places.size() ? component.input_places[side] : component.place;
  };
  for (const size_t side : {kLeft, kRight})
    if (plan.mode == Mode::kStream && holds_changes(context.inputs[side]))
      context.diagnostics.error(place(side), "view-input",
                                context.inputs[side].id +
                                    " is a view, whose rows replace earlier ones; a join of two "
                                    "streams would pair each change again",
                                "read the rows that the view is made from, or make the view the table of a join");
  const Input& table = context.inputs[kRight];
  if (plan.mode != Mode::kCurrent || !holds_changes(table) || !table.schema || !plan.schema)
    return;
  std::set<std::string> key(table.key.begin(), table.key.end()), on;
  for (const size_t column : plan.sides[kRight].key)
    on.insert(table.schema->field(column).name);
  if (key == on)
    return;
  std::string names;
  for (const std::string& name : table.key)
    names += (names.empty() ? "" : ", ") + name;
  context.diagnostics.error(place(kRight), "view-input",
                            "the view " + table.id + " has one row for each " + (names.empty() ? "nothing" : names) +
                                ", but the join looks for other columns",
                            "join on the view's key, or reduce it to the columns that you join on");
}

topology::Binding bind_join(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  binding.stateful = true;
  const JoinPlan plan = plan_join(component, context.inputs, context.diagnostics);
  check_views(component, context, plan);
  const bool streams = joins_streams(component);
  for (const size_t side : {kLeft, kRight}) {
    const SchemaPtr& schema = context.inputs[side].schema;
    topology::Routing routing{topology::Routing::Kind::kExchange, {}};
    if (schema)
      for (const size_t column : plan.sides[side].key)
        routing.columns.push_back(schema->field(column).name);
    binding.routings.push_back(std::move(routing));
    const std::optional<size_t> time = plan.sides[side].time;
    binding.times.push_back(schema && time ? schema->field(*time).name : "");
  }
  binding.routing = binding.routings.front();
  binding.timed = plan.wait.micros > 0 || plan.idle_timeout.has_value();
  if (streams)
    binding.outputs = {{Join::kLate, context.inputs[kLeft].schema}, {Join::kLateRight, context.inputs[kRight].schema}};
  else
    binding.key = context.inputs[kLeft].key;  // changes of a view stay such (view_input.h)
  binding.output = plan.schema;
  return binding;
}

std::vector<topology::Expected> expect_join(const topology::ExpectContext& context) {
  using Of = topology::Expected::Kind;
  Diagnostics diagnostics;
  const JoinPlan plan = plan_join(context.component, context.inputs, diagnostics);
  if (!plan.schema)
    return {};
  double row = 0;
  for (const Field& field : plan.pairs->fields())
    row += topology::key_bytes(field.type);
  const double kept = row + sizeof(JoinRow) + sizeof(JoinState) + ResidentKeys::kBytesAKey;
  return {{Of::kState, "keys", context.keys, kept}, {Of::kDisk, "keys", context.keys, row + 32}};
}

}  // namespace

topology::ComponentType join_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "join";
  type.summary =
      "Puts rows of two inputs together that have the same key: a stream with a table, or two streams within a time.";
  type.example =
      "bought_after_view:\n"
      "  type: join\n"
      "  inputs: [shop, events]\n"
      "  by: [user_id, item_id]\n"
      "  within: 30m\n"
      "  time: at\n"
      "  select: {user_id: user_id, item_id: item_id, event: event, other: events_event}\n";
  type.min_inputs = type.max_inputs = 2;
  type.properties = {
      {.name = "on",
       .kind = Kind::kMap,
       .meaning = "The columns that must be equal: those of the left input, each with that of the right.",
       .minimum = 1},
      {.name = "by",
       .kind = Kind::kList,
       .meaning = "The same, where both inputs name them alike.",
       .minimum = 1,
       .element = Kind::kColumn},
      {.name = "kind",
       .kind = Kind::kChoice,
       .meaning = "What becomes of a left row that finds nothing: `inner` leaves it out, `left` gives it with nulls.",
       .default_value = "inner",
       .choices = {"inner", "left"}},
      {.name = "table",
       .kind = Kind::kChoice,
       .meaning = "The right input is a table: a left row sees its current row, or the one as of its own time.",
       .choices = {"current", "as_of"}},
      {.name = "deleted",
       .kind = Kind::kExpression,
       .meaning = "A row of the table for which this holds deletes its key."},
      {.name = "wait",
       .kind = Kind::kDuration,
       .meaning = "How long, by the clock, a left row waits: for a row of its key; with `as_of`, until all of the "
                  "table up to its time has come.",
       .default_value = "0s",
       .minimum = 0},
      {.name = "retain",
       .kind = Kind::kDuration,
       .meaning = "With `as_of`: how far behind the watermark versions are kept, and the last one before that; by "
                  "default all are."},
      {.name = "within",
       .kind = Kind::kDuration,
       .meaning = "Both inputs are streams, and rows make a pair if their times are at most this far apart.",
       .minimum = 0},
      {.name = "before",
       .kind = Kind::kDuration,
       .meaning = "The same, one way: how long before the left row the right one may be.",
       .minimum = 0},
      {.name = "after",
       .kind = Kind::kDuration,
       .meaning = "How long after the left row the right one may be.",
       .minimum = 0},
      {.name = "time", .kind = Kind::kColumn, .meaning = "The left input's event time."},
      {.name = "right_time",
       .kind = Kind::kColumn,
       .meaning = "The right input's event time; by default the column named as `time`."},
      {.name = "allowed_lateness",
       .kind = Kind::kDuration,
       .meaning = "How far rows may be out of order: the watermark stays this far behind the latest time.",
       .default_value = "0s",
       .minimum = 0},
      {.name = "idle_timeout",
       .kind = Kind::kDuration,
       .meaning =
           "A partition or input that is silent for this long no longer holds the watermark back; by default it does.",
       .minimum = 0.001},
      {.name = "select",
       .kind = Kind::kMap,
       .meaning = "The columns of the result, each an expression over the columns of both; by default all columns.",
       .minimum = 1,
       .element = Kind::kExpression},
      {.name = "prefix",
       .kind = Kind::kString,
       .meaning = "Goes before those names of the right input that the left has too; by default its id and `_`."},
      {.name = "workers",
       .kind = Kind::kInteger,
       .meaning = "How many workers share the keys.",
       .default_value = "1",
       .minimum = 1,
       .maximum = 64},
      memory_property("keys"),
  };
  type.bind = bind_join;
  type.expect = expect_join;
  type.outputs = [](const Component& component) {
    return joins_streams(component) ? std::vector<std::string>{Join::kLate, Join::kLateRight}
                                    : std::vector<std::string>{};
  };
  return type;
}

Result<std::unique_ptr<Aggregator>> make_join(const MakeContext& context) {
  Diagnostics diagnostics;
  JoinPlan plan = plan_join(context.component, context.inputs, diagnostics);
  if (!plan.schema)
    return internal_error("the join " + context.component.id + " was not checked before it was made");
  return std::unique_ptr<Aggregator>(std::make_unique<Join>(std::move(plan), context.clock));
}

}  // namespace penstock
