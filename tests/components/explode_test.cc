#include "actors/stages/explode.h"

#include <catch2/catch.hpp>

#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Input;
using topology::Role;

const SchemaPtr kSchema =
    test::schema({{"order", Type::kInt64, true}, {"items", Type::kJson}, {"tags", Type::kString}});
const std::vector<Input> kInputs = {{"in", kSchema, false, {}}};
const char* const kRows =
    R"({"order":1,"items":[{"sku":"a","qty":2,"p":{"cents":5}},{"sku":"b\"c","qty":1}],"tags":"x|y"}
{"order":2,"items":[],"tags":""}
{"order":3,"items":null,"tags":null}
{"order":4,"items":[{"qty":3,"sku":null,"p":{"cents":7}}],"tags":"z||w|"})";

std::string exploded(const std::string& yaml, const BatchPtr& batch) {
  StageOutput out;
  REQUIRE(Made(Role::kStage, "explode", yaml, kInputs).stage()->process(batch, out).ok());
  return test::text(out) + test::reasons(out);
}

TEST_CASE("explode makes a row of each element of a json array, with the other columns repeated") {
  CHECK(Made(Role::kStage, "explode", "column: items\nas: {sku: string, qty: int64}", kInputs)
            .binding.output->to_string() == "order int64!, tags string, sku string, qty int64");
  CHECK(exploded("column: items\nas: {sku: string, qty: int64, cents: {type: int64, path: p.cents}}",
                 test::rows(kSchema, kRows)) == "1|x|y|a|2|5\n1|x|y|b\"c|1|NULL\n4|z||w||NULL|3|7\n");
}

TEST_CASE("explode keeps rows with empty lists if told to, and counts the elements") {
  CHECK(exploded("column: items\nas: {qty: int64}\nouter: true\nposition: n", test::rows(kSchema, kRows)) ==
        "1|x|y|2|0\n1|x|y|1|1\n2||NULL|NULL\n3|NULL|NULL|NULL\n4|z||w||3|0\n");
}

TEST_CASE("explode divides a text by its separator, without empty parts") {
  CHECK(exploded("column: tags\nseparator: \"|\"\nas: {tag: string}", test::rows(kSchema, kRows)->select({0, 3})) ==
        "1|[{\"sku\":\"a\",\"qty\":2,\"p\":{\"cents\":5}},{\"sku\":\"b\\\"c\",\"qty\":1}]|x\n"
        "1|[{\"sku\":\"a\",\"qty\":2,\"p\":{\"cents\":5}},{\"sku\":\"b\\\"c\",\"qty\":1}]|y\n"
        "4|[{\"qty\":3,\"sku\":null,\"p\":{\"cents\":7}}]|z\n"
        "4|[{\"qty\":3,\"sku\":null,\"p\":{\"cents\":7}}]|w\n");
}

TEST_CASE("explode takes elements of every type, and elements themselves") {
  const BatchPtr batch = test::rows(kSchema, R"({"order":1,"items":[1, 2.5e1,null]}
{"order":2,"items":[[1,{"a":"]"}],"x"]})");
  CHECK(exploded("column: items\nas: {v: float64}", batch->select({0})) == "1|NULL|1\n1|NULL|25\n1|NULL|NULL\n");
  CHECK(exploded("column: items\nas: {v: json}", batch) ==
        "1|NULL|1\n1|NULL|2.5e1\n1|NULL|NULL\n2|NULL|[1,{\"a\":\"]\"}]\n2|NULL|\"x\"\n");
}

TEST_CASE("explode rejects a row whole when its list is none or an element does not fit") {
  const BatchPtr batch = test::rows_at(kSchema, R"({"order":1,"items":{"a":1},"tags":"[1,"}
{"order":2,"items":[1,2,"x"],"tags":"[4,5]"}
{"order":3,"items":[7],"tags":"null"})",
                                       100);
  CHECK(exploded("column: items\nas: {v: int64}", batch) ==
        "3|null|7\n"
        "explode: items: expected a json array, found {\"a\":1} @100\n"
        "explode: items: element 2: v is int64, and \"x\" is none @101\n");
  CHECK(exploded("column: tags\nas: {v: int64}", batch) ==
        "2|[1,2,\"x\"]|4\n2|[1,2,\"x\"]|5\nexplode: tags: expected a json array, found [1, @100\n");
}

TEST_CASE("explode keeps the place of the record that a row came from") {
  const Made made(Role::kStage, "explode", "column: items\nas: {qty: int64}", kInputs);
  StageOutput out;
  REQUIRE(made.stage()->process(test::rows_at(kSchema, kRows, 100), out).ok());
  CHECK(out.batches[0]->offset(0) == Offset(100));
  CHECK(out.batches[0]->offset(1) == Offset(100));
  CHECK(out.batches[0]->offset(2) == Offset(103));
}

TEST_CASE("explode says what is wrong with its properties") {
  const auto mistakes = [](const char* yaml) { return test::mistakes(Role::kStage, "explode", yaml, kInputs); };
  CHECK_THAT(mistakes("column: itms\nas: {a: int64}"), Catch::Contains("did you mean items?"));
  CHECK_THAT(mistakes("column: order\nas: {a: int64}"), Catch::Contains("wrong-type"));
  CHECK_THAT(mistakes("column: items\nas: {a: integer}"), Catch::Contains("int64"));
  CHECK_THAT(mistakes("column: items\nseparator: \",\"\nas: {a: int64}"), Catch::Contains("a json array needs none"));
  CHECK_THAT(mistakes("column: tags\nseparator: \"\"\nas: {a: int64}"), Catch::Contains("must not be empty"));
  CHECK_THAT(mistakes("column: tags\nseparator: \",\"\nas: {a: {type: int64, path: x}}"), Catch::Contains("conflict"));
  CHECK_THAT(mistakes("column: items\nas: {order: int64}"),
             Catch::Contains("two columns of the result are named order"));
  CHECK_THAT(
      test::mistakes(Role::kStage, "explode", "column: items\nas: {a: int64}", {{"v", kSchema, true, {"order"}}}),
      Catch::Contains("view-input"));
}

}  // namespace
}  // namespace penstock
