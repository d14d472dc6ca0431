#include "tests/fuzz/topology_input.h"

#include <map>
#include <memory>
#include <string>

#include "actors/components.h"
#include "actors/make_context.h"
#include "config/settings.h"
#include "messages/json_lines.h"
#include "messages/json_text.h"
#include "tests/fuzz/input.h"
#include "topology/check.h"
#include "topology/explain.h"
#include "topology/render.h"

namespace penstock::fuzz {
namespace {

BatchPtr few_rows(const SchemaPtr& schema) {
  constexpr std::string_view kTexts[] = {"u1", "purchase", "", "\xc3\xa4"};
  BatchBuilder builder(schema);
  for (size_t row = 0; row < 5; ++row)
    for (size_t c = 0; c < schema->size(); ++c) {
      ColumnBuilder& out = builder.column(c);
      if (!schema->field(c).required && (row + c) % 4 == 3) {
        out.append_null();
        continue;
      }
      switch (out.type()) {
        case Type::kBool: out.append_bool(row % 2 == 0); break;
        case Type::kInt64: out.append_int64(static_cast<int64_t>(row * c) - 2); break;
        case Type::kFloat64: out.append_float64(static_cast<double>(row) / 2 - 1); break;
        case Type::kTimestamp: out.append_int64(1'700'000'000'000'000 + static_cast<int64_t>(row) * 1'000'000); break;
        case Type::kString: out.append_string(kTexts[(row + c) % 4]); break;
        case Type::kJson: out.append_string(R"({"a":[1,null]})"); break;
      }
    }
  return builder.finish();
}

void check_output(const StageOutput& out, const SchemaPtr& schema) {
  for (const BatchPtr& batch : out.batches) {
    require(*batch->schema() == *schema, "a stage gives what its binding says",
            batch->schema()->to_string() + " instead of " + schema->to_string());
    require_sound(*batch->compact());
  }
  for (const Rejected& rejected : out.rejected)
    require(minify_json(rejected.record).ok(), "a rejected record is JSON", rejected.record);
}

/// Makes the stages of the topology and gives each some rows of its input's schema.
void run_stages(const topology::CheckedTopology& topology) {
  const ManualClock clock({1'700'000'000'000'000});
  for (const topology::BoundComponent& bound : topology.components) {
    if (bound.component.role != topology::Role::kStage)
      continue;
    const MakeContext context = make_context(topology, bound.component.id, clock);
    const ComponentEntry& entry = component_entry(topology::Role::kStage, bound.component.type);
    std::unique_ptr<Stage> stage;
    Aggregator* aggregator = nullptr;
    if (const auto* make = std::get_if<MakeStage>(&entry.make)) {
      auto made = (*make)(context);
      require(made.ok(), "a stage that was checked can be made", made.ok() ? "" : made.status().message());
      stage = std::move(*made);
    } else if (const auto* make_keyed = std::get_if<MakeAggregator>(&entry.make)) {
      auto made = (*make_keyed)(context);
      require(made.ok(), "an aggregator that was checked can be made", made.ok() ? "" : made.status().message());
      aggregator = made->get();
      stage = std::move(*made);
    }
    if (!stage || context.inputs.front().schema->size() == 0)
      continue;
    StageOutput out;
    require(stage->process(few_rows(context.inputs.front().schema), out).ok(), "a stage takes its input's rows");
    if (aggregator == nullptr) {
      check_output(out, bound.binding.output);
      continue;
    }
    out.batches.clear();
    require(aggregator->end_epoch(out).ok(), "an aggregator ends its epoch");
    check_output(out, bound.binding.output);
    auto restored = std::get<MakeAggregator>(entry.make)(context);
    for (const auto& [key, value] : out.changes)
      if (value)
        require((*restored)->restore(key, *value).ok(), "what an aggregator stores it can read");
  }
}

}  // namespace

void check_topology(std::string_view text) {
  const topology::Environment environment = [](const std::string& name) -> std::optional<std::string> {
    return name == "UNSET" ? std::nullopt : std::optional<std::string>("set to " + name);
  };
  auto checked =
      topology::check(text, "fuzz.yaml", PENSTOCK_SOURCE_DIR "/tests/fuzz", catalogue(), settings_type(), environment);
  const topology::Text lines(text);
  for (const topology::Diagnostic& diagnostic : checked.diagnostics.list()) {
    require(!diagnostic.text.empty() && !diagnostic.code.empty(), "a mistake says what is wrong");
    require(diagnostic.place.line >= 1 && diagnostic.place.column >= 1, "a mistake has a place", diagnostic.text);
    (void)topology::render(diagnostic, lines, false);
  }
  require(checked.topology.has_value() == !checked.diagnostics.any_errors(), "without mistakes there is a topology");
  if (!checked.topology)
    return;
  (void)make_settings(*checked.topology);
  run_stages(*checked.topology);
  const topology::Plan plan = topology::make_plan(std::move(*checked.topology));
  require(!topology::explain_text(plan).empty(), "a plan can be shown");
  (void)topology::explain_mermaid(plan);
  (void)topology::explain_dot(plan);
  const std::string json = topology::explain_json(plan);
  require(minify_json(json).ok(), "a plan as JSON is JSON", json);
}

}  // namespace penstock::fuzz
