#include <catch2/catch.hpp>

#include "actors/stages/pattern.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Input;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"user", Type::kInt64},
                                        {"rating", Type::kString},
                                        {"status", Type::kString},
                                        {"minutes", Type::kFloat64},
                                        {"at", Type::kTimestamp},
                                        {"extra", Type::kJson}});
const std::vector<Input> kInputs = {{"in", kSchema, false, {}}};

Made made(const std::string& yaml) { return Made(Role::kStage, "validate", yaml, kInputs); }

// What passes, then `reason @offset` of what does not; offsets count from 100.
std::string outcome(const std::string& yaml, std::string_view lines) {
  StageOutput out;
  REQUIRE(made(yaml).stage()->process(test::rows_at(kSchema, lines, 100), out).ok());
  return test::text(out) + test::reasons(out);
}

std::string mistakes(const char* yaml) { return test::mistakes(Role::kStage, "validate", yaml, kInputs); }

TEST_CASE("validate passes what keeps every rule and sets the rest aside as it came in, with its offset") {
  StageOutput out;
  const StagePtr stage = made("columns: {status: {one_of: [NEW, PAID]}}").stage();
  REQUIRE(stage
              ->process(test::rows_at(kSchema, R"({"user":1,"status":"NEW"}
{"user":2,"status":"LOST"}
{"user":3,"status":"PAID"}
{"user":4})",
                                      100),
                        out)
              .ok());
  CHECK(test::text(out) == "1|NULL|NEW|NULL|NULL|NULL\n3|NULL|PAID|NULL|NULL|NULL\n4|NULL|NULL|NULL|NULL|NULL\n");
  CHECK(test::reasons(out) == "status: expected one of NEW, PAID, found \"LOST\" @101\n");
  CHECK(out.rejected[0].record == R"({"user":2,"rating":null,"status":"LOST","minutes":null,"at":null,"extra":null})");
  CHECK(out.rejected[0].partition == Partition(0));
  CHECK(out.batches[0]->offset(1) == Offset(102));
  REQUIRE(out.sides.size() == 1);
  CHECK(out.sides[0].first == "rejected");
  CHECK(out.sides[0].second->to_string() == "2|NULL|LOST|NULL|NULL|NULL\n");
}

TEST_CASE("validate names every rule that a record breaks, in one letter") {
  CHECK(outcome("columns: {user: {required: true}, rating: {type: float64, range: [1, 5]}, status: {min_length: 3, "
                "matches: '^[A-Z]+$'}}\n"
                "rules: [{check: minutes >= 0, message: minutes must not be negative}]",
                R"({"rating":"7","status":"no","minutes":-3})") ==
        "user: expected a value, found none; rating: expected 1 to 5, found 7; status: expected a match of ^[A-Z]+$, "
        "found \"no\"; status: expected at least 3 characters, found \"no\"; minutes must not be negative: expected "
        "minutes >= 0, found minutes = -3 @100\n");
}

TEST_CASE("validate casts a column, and a value that is none of the type is the column's fault alone") {
  const Made cast = made("columns: {rating: {type: float64, at_least: 1}}\nrules: [{check: rating < 10}]");
  CHECK(cast.binding.output->to_string() ==
        "user int64, rating float64, status string, minutes float64, at timestamp, extra json");
  CHECK(outcome("columns: {rating: {type: float64, at_least: 1}}\nrules: [{check: rating < 10}]",
                R"({"rating":"4.5"}
{"rating":"many"}
{"rating":"0"}
{"rating":"11"}
{})") == "NULL|4.5|NULL|NULL|NULL|NULL\nNULL|NULL|NULL|NULL|NULL|NULL\n"
         "rating: expected float64, found \"many\" @101\n"
         "rating: expected at least 1, found 0 @102\n"
         "expected rating < 10, found rating = 11 @103\n");
}

TEST_CASE("validate keeps, rejects or fills in what is missing") {
  const char* const rows = R"({"user":1,"status":"PAID"}
{"user":null,"status":null})";
  CHECK(outcome("columns: {user: {}, status: {}}", rows) ==
        "1|NULL|PAID|NULL|NULL|NULL\nNULL|NULL|NULL|NULL|NULL|NULL\n");
  CHECK(outcome("columns: {user: {}, status: {}}\nmissing: reject", rows) ==
        "1|NULL|PAID|NULL|NULL|NULL\n"
        "user: expected a value, found none; status: expected a value, found none @101\n");
  CHECK(outcome("columns: {user: {default: 0}, status: {missing: default, default: NEW}}\nmissing: reject", rows) ==
        "1|NULL|PAID|NULL|NULL|NULL\n0|NULL|NEW|NULL|NULL|NULL\n");
  CHECK(made("columns: {user: {default: 0}, status: {required: true}, at: {missing: keep}}")
            .binding.output->to_string() ==
        "user int64!, rating string, status string!, minutes float64, at timestamp, extra json");
}

TEST_CASE("validate looks at timestamps, floats that are no numbers, and the length of texts in characters") {
  CHECK(outcome("columns: {at: {range: [2024-01-01, 2024-12-31T23:59:59Z]}}", R"({"at":"2024-05-01T00:00:00Z"}
{"at":"2025-01-01T00:00:00Z"})") ==
        "NULL|NULL|NULL|NULL|2024-05-01T00:00:00Z|NULL\n"
        "at: expected 2024-01-01T00:00:00Z to 2024-12-31T23:59:59Z, found 2025-01-01T00:00:00Z @101\n");
  CHECK(outcome("columns: {rating: {type: float64, at_most: 5}}", R"({"rating":"NaN"})") ==
        "rating: expected at most 5, found NaN @100\n");
  CHECK(outcome("columns: {status: {max_length: 3}}", R"({"status":"äöü"}
{"status":"abcd"})") == "NULL|NULL|äöü|NULL|NULL|NULL\nstatus: expected at most 3 characters, found \"abcd\" @101\n");
}

TEST_CASE("a rule that is null is kept, one that cannot be computed is broken") {
  CHECK(outcome("rules: [{check: minutes > 0 OR status = 'FAILED'}]", R"({"minutes":null}
{"minutes":-1,"status":"FAILED"}
{"minutes":-1,"status":"NEW"})") ==
        "NULL|NULL|NULL|NULL|NULL|NULL\nNULL|NULL|FAILED|-1|NULL|NULL\n"
        "expected minutes > 0 OR status = 'FAILED', found status = \"NEW\", minutes = -1 @102\n");
  CHECK(outcome("rules: [{check: 10 / user > 1, message: few}]", R"({"user":0})") == "few: division by zero @100\n");
}

TEST_CASE("validate keeps, drops or rejects columns that it does not name") {
  const char* const rows = R"({"user":1}
{"user":2,"extra":{"a":1}})";
  CHECK(made("columns: {user: {}}\nunknown_fields: drop").binding.output->to_string() == "user int64");
  CHECK(outcome("columns: {user: {}}\nunknown_fields: drop", rows) == "1\n2\n");
  CHECK(outcome("columns: {user: {}}\nunknown_fields: reject", rows) ==
        "1\nextra: expected no such column, found \"{\"a\":1}\" @101\n");
}

TEST_CASE("validate gives the same for a selection, and no batch where no record is good") {
  const Made one = made("columns: {user: {at_least: 2, default: 9}}");
  const BatchPtr batch = test::rows_at(kSchema, "{\"user\":1}\n{\"user\":2}\n{}\n{\"user\":0}", 100);
  StageOutput out;
  REQUIRE(one.stage()->process(batch->select({0, 2}), out).ok());
  CHECK(test::text(out) == "9|NULL|NULL|NULL|NULL|NULL\n");
  CHECK(out.batches[0]->offset(0) == Offset(102));
  CHECK(test::reasons(out) == "user: expected at least 2, found 1 @100\n");
  out.clear();
  REQUIRE(one.stage()->process(batch->select({0, 3}), out).ok());
  CHECK(out.batches.empty());
  CHECK(out.rejected.size() == 2);
}

TEST_CASE("validate says what is wrong with its rules") {
  CHECK_THAT(mistakes("columns: {usr: {}}"),
             Catch::Contains("unknown-column") && Catch::Contains("did you mean user?"));
  CHECK_THAT(mistakes("columns: {user: {rnge: [1, 2]}}"),
             Catch::Contains("columns.user has no key \"rnge\" (did you mean range?)"));
  CHECK_THAT(mistakes("columns: {user: {range: [5, 1]}}"), Catch::Contains("no value is at least 5 and at most 1"));
  CHECK_THAT(mistakes("columns: {user: {range: [5]}}"), Catch::Contains("has 1 entries, but must have at least 2"));
  CHECK_THAT(mistakes("columns: {user: {range: [1, x]}}"),
             Catch::Contains("a bound must be of its type, int64, but is \"x\""));
  CHECK_THAT(mistakes("columns: {status: {at_least: 1}}"), Catch::Contains("cast it with `type: float64`"));
  CHECK_THAT(mistakes("columns: {user: {range: [1, 2], at_most: 2}}"), Catch::Contains("conflict"));
  CHECK_THAT(mistakes("columns: {user: {matches: x}}"), Catch::Contains("matches is for string, and this is int64"));
  CHECK_THAT(mistakes("columns: {user: {default: none}}"), Catch::Contains("the default must be of its type, int64"));
  CHECK_THAT(mistakes("columns: {status: {one_of: [NEW], default: OLD}}"),
             Catch::Contains("the default breaks a rule of its own column: expected one of NEW, found \"OLD\""));
  CHECK_THAT(mistakes("columns: {status: {required: true, default: NEW}}"), Catch::Contains("conflict"));
  CHECK_THAT(mistakes("columns: {status: {missing: default}}"), Catch::Contains("needs a default"));
  CHECK_THAT(mistakes("columns: {status: {min_length: 4, max_length: 3}}"), Catch::Contains("wrong-range"));
  CHECK_THAT(mistakes("columns: {at: {type: bool}}"), Catch::Contains("bad-cast"));
  CHECK_THAT(mistakes("rules: [{check: minutes}]"), Catch::Contains("a check must be bool"));
  CHECK_THAT(mistakes("rules: [{message: x}]"), Catch::Contains("rules needs the key check"));
  CHECK_THAT(mistakes("rules: [{check: minuts > 1}]"), Catch::Contains("bad-expression"));
  CHECK_THAT(mistakes(""), Catch::Contains("needs columns or rules"));
}

TEST_CASE("a wrong pattern is named with the place in it") {
  CHECK_THAT(mistakes("columns: {status: {matches: 'a(b'}}"),
             Catch::Contains("bad-pattern: the column status: the pattern is wrong: missing )"));
  const Pattern wrong("^[a-z]+x{2,1}$");
  CHECK_FALSE(wrong.problem().empty());
  CHECK(wrong.problem_offset() == 8);
  CHECK_FALSE(wrong.matches("axx"));
}

TEST_CASE("a pattern matches anywhere unless it is bound, in time linear in the text") {
  CHECK(Pattern("b+").matches("abba"));
  CHECK_FALSE(Pattern("^b+$").matches("abba"));
  CHECK(Pattern("^.$").matches("ä"));
  CHECK_FALSE(Pattern("^(a|aa)+$").matches(std::string(100'000, 'a') + "b"));
}

}  // namespace
}  // namespace penstock
