#include <catch2/catch.hpp>

#include "config/settings.h"
#include "small_catalogue.h"
#include "topology/json_schema.h"
#include "topology/parse.h"
#include "topology/reference.h"

using namespace penstock;
using namespace penstock::topology;

TEST_CASE("every setting is declared well: a meaning, and a default of its kind within its bounds") {
  for (const Property& property : settings_type().properties) {
    INFO(property.name);
    CHECK(property.meaning.size() > 10);
    CHECK(property.meaning.back() == '.');
    CHECK_FALSE(property.required);
    if (!property.default_value.empty())
      CHECK(default_value(property, {}).has_value());
  }
}

TEST_CASE("settings of a topology become typed values") {
  CheckedTopology topology;
  topology.name = "shop";
  const Settings defaults = make_settings(topology);
  CHECK(defaults.data_dir == "data/shop");
  CHECK(defaults.disk_budget.count == 1ull << 40);
  CHECK_FALSE(defaults.memory_budget);
  CHECK(defaults.epoch_interval.millis() == 50);
  CHECK(defaults.epoch_bytes.count == 8u << 20);
  CHECK(defaults.in_flight_bytes.count == 64u << 20);
  CHECK(defaults.in_flight_epochs == 4);
  CHECK(defaults.restart_intensity == 5);
  CHECK(defaults.restart_period.seconds() == 60);
  CHECK(defaults.backoff_min.millis() == 100);
  CHECK(defaults.backoff_max.seconds() == 30);
  CHECK(defaults.durability == Settings::Durability::kFull);
  CHECK(defaults.training_threads == 0);
  CHECK(defaults.checkpoint_interval == Duration{60'000'000});
}

namespace {

// What the real settings say about this `settings:` map.
std::string about(const std::string& map) {
  const auto result = check(
      "name: x\nschemas: {e: {u: int64}}\nsources: {s: {type: file, schema: e}}\n"
      "sinks: {o: {type: file, input: s, path: o}}\nsettings: " +
          map + "\n",
      "t.yaml", ".", topology::testing::small_catalogue(), settings_type(),
      [](const std::string&) { return std::nullopt; });
  if (result.topology)
    return "ok " + make_settings(*result.topology).data_dir;
  return topology::testing::to_lines(result.diagnostics);
}

}  // namespace

TEST_CASE("settings that do not fit together are an error at the one that was given") {
  CHECK(about("{data_dir: /var/lib/x, durability: relaxed}") == "ok /var/lib/x");
  CHECK(about("{backoff_min: 60s}") ==
        "5:25 out-of-bounds: backoff_max is less than backoff_min (backoff_max must be at least 1m)\n");
  CHECK(about("{backoff_max: 50ms}") ==
        "5:25 out-of-bounds: backoff_max is less than backoff_min (backoff_max must be at least 100ms)\n");
  CHECK(
      about("{epoch_bytes: 128MiB, in_flight_bytes: 64MiB}").find("5:50 out-of-bounds: in_flight_bytes is less than") ==
      0);
  CHECK(about("{trace: 1/10000}").starts_with("ok "));
  CHECK(about("{trace: often}")
            .find("wrong-value: \"often\" does not say which records to follow: off, requests, or a "
                  "share such as 1/10000") != std::string::npos);
  CHECK(about("{durability: ful}").find("5:24 unknown-choice: durability cannot be \"ful\" (did you mean full?") == 0);
  CHECK(about("{epoch_interval: 0}") == "5:28 out-of-bounds: epoch_interval is 0s, but must be at least 1ms\n");
}

TEST_CASE("the JSON Schema names every type and property and is one JSON value") {
  const std::string schema = json_schema(testing::small_catalogue(), settings_type());
  Diagnostics diagnostics;
  const auto tree = parse(
      schema, [](const std::string& name) { return "${" + name + "}"; }, diagnostics);  // JSON is YAML
  INFO(topology::testing::to_lines(diagnostics));
  REQUIRE(tree.has_value());
  CHECK(tree->find("properties")->find("settings")->find("properties")->find("epoch_interval") != nullptr);
  const Node& stages = *tree->find("properties")->find("stages")->find("additionalProperties")->find("oneOf");
  std::string types;
  for (const Node& stage : stages.items)
    types += stage.find("title")->text + " ";
  CHECK(types == "filter map union buffer reduce route sort query by variable ");
}

TEST_CASE("the reference page names every type and property") {
  const std::string page = reference(testing::small_catalogue(), settings_type());
  for (const ComponentType& type : testing::small_catalogue().types()) {
    if (type.internal)
      continue;
    CHECK(page.find("### " + std::string(role_name(type.role)) + " `" + type.name + "`") != std::string::npos);
    for (const Property& property : type.properties)
      CHECK(page.find("| `" + property.name + "` |") != std::string::npos);
  }
  CHECK(page.find("| `factors` | whole number of factors, 1 to 1024 | `64` | Length of the vectors. |") !=
        std::string::npos);
  CHECK(page.find("| `memory_budget` | size, at least 64MiB |") != std::string::npos);
}
