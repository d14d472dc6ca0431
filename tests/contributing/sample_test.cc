// The example of CONTRIBUTING.md, compiled and tested so that it cannot rot.
#include "tests/contributing/sample.h"

#include <catch2/catch.hpp>

namespace penstock {
namespace {

BatchPtr users(int64_t count) {
  std::vector<int64_t> ids;
  for (int64_t id = 0; id < count; ++id)
    ids.push_back(id);
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"user", Type::kInt64, true}});
  return RecordBatch::make(schema, {Column::int64s(std::move(ids))});
}

size_t kept(double fraction) {
  Sample sample(0, fraction);
  StageOutput out;
  REQUIRE(sample.process(users(10'000), out).ok());
  return out.batches.empty() ? 0 : out.batches.front()->rows();
}

TEST_CASE("sample keeps about the declared fraction of the keys") {
  CHECK(kept(0) == 0);
  CHECK(kept(0.1) == Approx(1000).margin(100));
  CHECK(kept(1) == 10'000);
}

TEST_CASE("sample keeps the same rows every time") { CHECK(kept(0.5) == kept(0.5)); }

TEST_CASE("sample names the column it does not find") {
  const topology::ComponentType type = sample_type();
  topology::Component component{.role = topology::Role::kStage, .id = "some", .type = "sample"};
  component.properties["by"].value = std::string("usr");
  component.properties["fraction"].value = 0.5;
  const std::vector<topology::Input> inputs = {{.id = "orders", .schema = users(1)->schema()}};
  topology::Diagnostics diagnostics("topology.yaml");
  const std::function<SchemaPtr(const std::string&)> no_schemas = [](const std::string&) { return nullptr; };
  const std::function<const topology::BoundComponent*(std::string_view)> alone = [](auto) { return nullptr; };
  (void)type.bind(component, {inputs, no_schemas, "", alone, diagnostics});
  REQUIRE(diagnostics.list().size() == 1);
  CHECK_THAT(diagnostics.list()[0].text + diagnostics.list()[0].hint,
             Catch::Contains("usr") && Catch::Contains("user"));
}

}  // namespace
}  // namespace penstock
