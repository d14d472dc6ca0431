#include "actors/stages/route.h"

#include <catch2/catch.hpp>

#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Input;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64, true}, {"score", Type::kInt64}});
const std::vector<Input> kInputs = {{"in", kSchema, false, {}}};
const char* const kRows = R"({"id":1,"score":1}
{"id":2,"score":3}
{"id":3,"score":5}
{"id":4,"score":null}
{"id":5,"score":2})";

// `main: ...; low: ...`, ids only.
std::string routed(const Made& made, const BatchPtr& batch) {
  StageOutput out;
  REQUIRE(made.stage()->process(batch, out).ok());
  std::string text = "main:";
  const auto add = [&](const BatchPtr& part) {
    for (size_t i = 0; i < part->rows(); ++i)
      text += " " + part->column(0)->to_string(part->row(i));
  };
  for (const BatchPtr& part : out.batches)
    add(part);
  for (const auto& [name, part] : out.sides) {
    text += "; " + name + ":";
    add(part);
  }
  for (const Rejected& rejected : out.rejected)
    text += "; " + rejected.reason;
  return text;
}

TEST_CASE("route gives a row to the first route that fits, and the rest to the main output") {
  const Made made(Role::kStage, "route", "routes: {low: score <= 2, mid: score <= 3}", kInputs);
  CHECK(routed(made, test::rows(kSchema, kRows)) == "main: 3 4; low: 1 5; mid: 2");
  CHECK(made.binding.outputs.at("low") == kSchema);
}

TEST_CASE("route gives a row to each route that fits, if told to copy") {
  const Made made(Role::kStage, "route", "routes: {low: score <= 2, mid: score <= 3}\ncopy: all", kInputs);
  CHECK(routed(made, test::rows(kSchema, kRows)) == "main: 3 4; low: 1 5; mid: 1 2 5");
}

TEST_CASE("route works on selected rows, keeps their offsets, and emits no empty batches") {
  const Made made(Role::kStage, "route", "routes: {low: score <= 2, mid: score <= 3}", kInputs);
  const BatchPtr batch = test::rows_at(kSchema, kRows, 100)->select({1, 4});
  StageOutput out;
  REQUIRE(made.stage()->process(batch, out).ok());
  CHECK(out.batches.empty());
  REQUIRE(out.sides.size() == 2);
  CHECK(out.sides[0].second->offset(0) == Offset(104));
  CHECK(routed(made, RecordBatch::empty(kSchema)) == "main:");
}

TEST_CASE("route rejects a row for which a condition that is tried has no value") {
  const char* const kRoutes = "routes: {one: id = 1, odd: 8 / (id - 1) = 4 OR 8 / (id - 2) = 8}";
  CHECK(routed(Made(Role::kStage, "route", kRoutes, kInputs), test::rows(kSchema, kRows)) ==
        "main: 4 5; one: 1; odd: 3; routes: odd: division by zero");
  CHECK(
      routed(Made(Role::kStage, "route", std::string(kRoutes) + "\ncopy: all", kInputs), test::rows(kSchema, kRows)) ==
      "main: 4 5; odd: 3; routes: odd: division by zero; routes: odd: division by zero");
}

TEST_CASE("route says what is wrong with its routes") {
  const auto mistakes = [](const char* yaml) { return test::mistakes(Role::kStage, "route", yaml, kInputs); };
  CHECK_THAT(mistakes("routes: {low: scor <= 2}"), Catch::Contains("did you mean score?"));
  CHECK_THAT(mistakes("routes: {low: score + 2}"), Catch::Contains("must be bool, but this expression is int64"));
  CHECK_THAT(mistakes("routes: {Low.x: score > 2}"), Catch::Contains("bad-id"));
  CHECK_THAT(mistakes("routes: {}"), Catch::Contains("routes"));
  CHECK_THAT(mistakes("copy: all"), Catch::Contains("missing-key"));
}

}  // namespace
}  // namespace penstock
