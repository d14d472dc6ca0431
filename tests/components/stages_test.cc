#include <catch2/catch.hpp>

#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Input;
using topology::Role;

const SchemaPtr kSchema =
    test::schema({{"user", Type::kInt64, true}, {"price", Type::kFloat64}, {"note", Type::kString}});
const std::vector<Input> kInputs = {{"in", kSchema, false, {}}};
const char* const kRows = R"({"user":1,"price":10,"note":"a"}
{"user":2,"price":null,"note":"b"}
{"user":0,"price":30,"note":null}
{"user":4,"price":40,"note":"d"})";

TEST_CASE("filter keeps the rows for which the condition is true, not false and not null") {
  const StagePtr filter = Made(Role::kStage, "filter", "where: price > 15", kInputs).stage();
  CHECK(test::process(*filter, test::rows(kSchema, kRows)) == "0|30|NULL\n4|40|d\n");
}

TEST_CASE("filter works on the selected rows only, and a batch without rows gives none") {
  const StagePtr filter = Made(Role::kStage, "filter", "where: price > 15", kInputs).stage();
  const BatchPtr batch = test::rows(kSchema, kRows);
  CHECK(test::process(*filter, batch->select({0, 3})) == "4|40|d\n");
  CHECK(test::process(*filter, batch->select({})).empty());
  CHECK(test::process(*filter, RecordBatch::empty(kSchema)).empty());
}

TEST_CASE("filter sets a row aside for which the condition cannot be computed, and goes on") {
  const StagePtr filter = Made(Role::kStage, "filter", "where: 8 / user > 3", kInputs).stage();
  StageOutput out;
  REQUIRE(filter->process(test::rows_at(kSchema, kRows, 100), out).ok());
  CHECK(test::text(out) == "1|10|a\n2|NULL|b\n");
  CHECK(test::reasons(out) == "where: division by zero @102\n");
  CHECK(out.rejected[0].partition == Partition(0));
  CHECK(out.rejected[0].record == R"({"user":0,"price":30,"note":null})");
}

TEST_CASE("filter keeps offsets, so that a later stage can still name them") {
  const StagePtr filter = Made(Role::kStage, "filter", "where: price > 15", kInputs).stage();
  StageOutput out;
  REQUIRE(filter->process(test::rows_at(kSchema, kRows, 100), out).ok());
  CHECK(out.batches[0]->offset(1) == Offset(103));
  CHECK(out.batches[0]->compact()->offset(1) == Offset(103));
}

TEST_CASE("map adds, drops and renames") {
  const Made made(Role::kStage, "map", "add: {twice: price * 2, price: price + 1}\ndrop: [user]\nrename: {note: text}",
                  kInputs);
  CHECK(made.binding.output->to_string() == "price float64, text string, twice float64");
  CHECK(test::process(*made.stage(), test::rows(kSchema, kRows)) == "11|a|20\nNULL|b|NULL\n31|NULL|60\n41|d|80\n");
}

TEST_CASE("map renames all at once, so that two columns may swap names") {
  const Made made(Role::kStage, "map", "rename: {price: user, user: price}", kInputs);
  CHECK(made.binding.output->to_string() == "price int64!, user float64, note string");
}

TEST_CASE("map selects all columns anew, from a selection too") {
  const Made made(Role::kStage, "map", "select: {note: note, id: user + 1}", kInputs);
  CHECK(made.binding.output->to_string() == "note string, id int64!");
  const BatchPtr batch = test::rows_at(kSchema, kRows, 100)->select({1, 3});
  StageOutput out;
  REQUIRE(made.stage()->process(batch, out).ok());
  CHECK(test::text(out) == "b|3\nd|5\n");
  CHECK(out.batches[0]->offset(1) == Offset(103));
}

TEST_CASE("map sets a row aside as it came in, once, whatever the number of its errors") {
  const Made made(Role::kStage, "map", "select: {a: 8 / user, b: 9 / user}", kInputs);
  StageOutput out;
  REQUIRE(made.stage()->process(test::rows_at(kSchema, kRows, 100), out).ok());
  CHECK(test::text(out) == "8|9\n4|4\n2|2\n");
  CHECK(test::reasons(out) == "map: a: division by zero @102\n");
  CHECK(out.rejected[0].record == R"({"user":0,"price":30,"note":null})");
}

TEST_CASE("map says what is wrong with its columns") {
  const auto mistakes = [](const char* yaml) { return test::mistakes(Role::kStage, "map", yaml, kInputs); };
  CHECK_THAT(mistakes("drop: [pricee]"), Catch::Contains("unknown-column") && Catch::Contains("did you mean price?"));
  CHECK_THAT(mistakes("rename: {note: price}"), Catch::Contains("two columns of the result are named price"));
  CHECK_THAT(mistakes("drop: [user, price, note]"), Catch::Contains("no column is left"));
  CHECK_THAT(mistakes("select: {a: user}\ndrop: [user]"), Catch::Contains("conflict"));
  CHECK_THAT(mistakes("add: {a: usr + 1}"), Catch::Contains("bad-expression"));
}

TEST_CASE("union passes the rows of inputs with the same columns") {
  const SchemaPtr loose = test::schema({{"user", Type::kInt64}, {"price", Type::kFloat64}, {"note", Type::kString}});
  const Made made(Role::kStage, "union", "", {{"a", kSchema, false, {}}, {"b", loose, false, {}}});
  CHECK(made.binding.output->to_string() == "user int64, price float64, note string");
  const StagePtr stage = made.stage();
  CHECK(test::process(*stage, test::rows(kSchema, kRows)->select({0})) == "1|10|a\n");
  CHECK(test::process(*stage, test::rows(loose, "{}")) == "NULL|NULL|NULL\n");
}

TEST_CASE("union names the column that differs") {
  const auto difference = [](std::vector<Field> fields) {
    return test::mistakes(Role::kStage, "union", "",
                          {{"a", kSchema, false, {}}, {"b", test::schema(std::move(fields)), false, {}}});
  };
  CHECK_THAT(difference({{"user", Type::kString}, {"price", Type::kFloat64}, {"note", Type::kString}}),
             Catch::Contains("the column user is int64 in a and string in b"));
  CHECK_THAT(difference({{"user", Type::kInt64}, {"price", Type::kFloat64}}),
             Catch::Contains("b has no column note, which a has"));
  CHECK_THAT(difference({{"user", Type::kInt64}, {"cost", Type::kFloat64}, {"note", Type::kString}}),
             Catch::Contains("column 2 is price in a and cost in b"));
}

}  // namespace
}  // namespace penstock
