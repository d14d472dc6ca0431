#include "actors/aggregators/window.h"
#include "actors/components.h"
#include "actors/stages/view_input.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;
using topology::Property;

topology::Binding bind_window(const Component& component, const topology::BindContext& context) {
  const SchemaPtr& input = context.inputs[0].schema;
  refuse_changes(component, context, "a window would count each change again");
  topology::Binding binding;
  binding.output = plan_window(component, input, context.diagnostics).schema;
  binding.stateful = true;
  binding.timed = true;
  binding.is_view = true;
  binding.emits_records = !component.has("early_every");
  std::vector<std::string> group_by =
      component.has("group_by") ? component.texts("group_by") : std::vector<std::string>();
  binding.routing = {topology::Routing::Kind::kExchange, group_by};
  if (group_by.empty() && component.integer("workers") > 1)
    context.diagnostics.error(component.place_of("workers"), "wrong-value",
                              "without group_by each window is one group, which only one worker can hold",
                              "leave workers out, or give group_by");
  binding.key = std::move(group_by);
  binding.key.emplace_back("window_start");
  if (binding.output)
    binding.times = {component.text("time")};
  binding.outputs[Window::kLateOutput] = input;
  return binding;
}

// Each group is expected in the windows of one moment; how many panes of a window have rows nobody can tell.
std::vector<topology::Expected> expect_window(const topology::ExpectContext& context) {
  using Of = topology::Expected::Kind;
  topology::Diagnostics diagnostics;
  const WindowPlan plan = plan_window(context.component, context.inputs[0].schema, diagnostics);
  if (!plan.schema)
    return {};
  double key = 0;
  for (const size_t column : plan.group_by)
    key += topology::key_bytes(context.inputs[0].schema->field(column).type);
  const double stored = key + 10.0 * static_cast<double>(plan.aggregates.size()) + 40;  // an entry of the table
  const auto held = static_cast<double>(ResidentKeys::kBytesAKey + WindowGroups::bytes_a_slot(plan));
  return {{Of::kState, "groups in a window", context.keys, key + held},
          {Of::kDisk, "groups in a window", context.keys, stored}};
}

std::vector<Property> properties() {
  return {
      {.name = "time",
       .kind = Kind::kColumn,
       .meaning = "The column with the time at which a row happened, of type timestamp.",
       .required = true},
      {.name = "every",
       .kind = Kind::kDuration,
       .meaning = "Tumbling windows of this length, side by side.",
       .minimum = 0.000001},
      {.name = "size",
       .kind = Kind::kDuration,
       .meaning = "Sliding windows of this length; with slide.",
       .minimum = 0.000001},
      {.name = "slide", .kind = Kind::kDuration, .meaning = "A sliding window begins this often.", .minimum = 0.000001},
      {.name = "session_gap",
       .kind = Kind::kDuration,
       .meaning = "Session windows: rows of a group less than this apart are in one, which ends this long after its "
                  "last row.",
       .minimum = 0.000001},
      {.name = "offset",
       .kind = Kind::kDuration,
       .meaning =
           "Windows begin at this and its multiples of every or slide after 1970-01-01 00:00 UTC: `16h` for days "
           "that begin at midnight in UTC+8."},
      {.name = "group_by",
       .kind = Kind::kList,
       .meaning = "The key columns; without them all rows of a window are one group.",
       .element = Kind::kColumn},
      {.name = "aggregates",
       .kind = Kind::kMap,
       .meaning = "Aggregates by the name of their column, as of reduce.",
       .required = true,
       .minimum = 1,
       .element = Kind::kExpression},
      {.name = "allowed_lateness",
       .kind = Kind::kDuration,
       .meaning = "How far a row may be behind the latest time of its partition and still count for certain.",
       .default_value = "0s"},
      {.name = "idle_timeout",
       .kind = Kind::kDuration,
       .meaning = "A partition without rows for so long does not hold the watermark back; if all are silent it goes on "
                  "with the clock. By default a silent partition holds it back for ever.",
       .minimum = 0.001},
      {.name = "early_every",
       .kind = Kind::kDuration,
       .meaning = "Hands on windows that have changed this often before they close, with `final` false. By default a "
                  "window is handed on once, when it closes.",
       .minimum = 0},
      {.name = "retain",
       .kind = Kind::kDuration,
       .meaning = "For how long of event time closed windows stay in the view.",
       .default_value = "0s"},
      {.name = "workers",
       .kind = Kind::kInteger,
       .meaning = "How many workers share the groups.",
       .default_value = "1",
       .minimum = 1,
       .maximum = 64},
      memory_property("windows"),
  };
}

}  // namespace

topology::ComponentType window_type() {
  topology::ComponentType type;
  type.role = topology::Role::kStage;
  type.name = "window";
  type.summary = "Aggregates of groups in tumbling, sliding or session windows of event time.";
  type.example =
      "per_minute:\n"
      "  type: window\n"
      "  input: shop\n"
      "  time: at\n"
      "  every: 1m\n"
      "  group_by: [item_id]\n"
      "  aggregates: {events: count(*), sold: sum(quantity) FILTER (WHERE event = 'purchase')}\n"
      "  allowed_lateness: 10s\n"
      "  retain: 6h\n";
  type.properties = properties();
  type.outputs = [](const Component&) { return std::vector<std::string>{Window::kLateOutput}; };
  type.bind = bind_window;
  type.expect = expect_window;
  return type;
}

Result<std::unique_ptr<Aggregator>> make_window(const MakeContext& context) {
  topology::Diagnostics diagnostics;
  WindowPlan plan = plan_window(context.component, context.inputs[0].schema, diagnostics);
  if (!plan.schema)
    return internal_error("the window " + context.component.id + " was not checked before it was made");
  return std::unique_ptr<Aggregator>(std::make_unique<Window>(std::move(plan), context.clock));
}

}  // namespace penstock
