// count_by against a count with a map, in any division of the rows.
#include <map>

#include "tests/sql/aggregate_values.h"

namespace penstock::sql {
namespace {

ColumnPtr texts(const std::vector<std::string>& values) {
  ColumnBuilder builder(Type::kString);
  for (const std::string& value : values)
    value == "NULL" ? builder.append_null() : builder.append_string(value);
  return builder.finish();
}

TEST_CASE("count_by counts each value, passes nulls over, and writes names as JSON") {
  CHECK(aggregate("count_by(s)", texts({"b", "a", "NULL", "b", "\"x\\"})) == R"({"\"x\\":1,"a":1,"b":2})");
  CHECK(aggregate("count_by(s)", texts({})) == "{}");
  CHECK(aggregate("count_by(i)", Column::int64s({5, -1, 5})) == R"({"-1":1,"5":2})");
  CHECK(aggregate("count_by(b)", Column::bools({1, 0, 1})) == R"({"false":1,"true":2})");
  CHECK(compiled("count_by(s)").type() == Type::kJson);
  CHECK_FALSE(compiled("count_by(s)").nullable());
  const auto wrong = AggregateCall::compile("count_by(f)", test_schema());
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.problem().message == "count_by of a float64 does not exist");
}

TEST_CASE("count_by is the same however rows are divided and merged") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    std::vector<std::string> values;
    std::map<std::string, int> counts;
    for (uint64_t i = random.below(300); i > 0; --i) {
      values.push_back("v" + std::to_string(random.below(20)));
      ++counts[values.back()];
    }
    std::string expected;
    for (const auto& [value, count] : counts)
      expected += (expected.empty() ? "\"" : ",\"") + value + "\":" + std::to_string(count);
    CHECK(aggregate_divided("count_by(s)", texts(values), nullptr, 4, random) == "{" + expected + "}");
  }
}

}  // namespace
}  // namespace penstock::sql
