#include "actors/aggregators/sort.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "core/random.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Input;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"name", Type::kString}, {"n", Type::kInt64}});
const std::vector<Input> kStream = {{"in", kSchema, false, {}}};
const std::vector<Input> kView = {{"counts", kSchema, true, {"name"}}};

std::string view(const Aggregator& aggregator) { return aggregator.read_all(1'000'000).value()->to_string(); }

std::unique_ptr<Aggregator> restored(const Made& made, Aggregator& from, std::map<std::string, std::string>& table) {
  StageOutput out;
  REQUIRE(from.end_epoch(out).ok());
  for (auto& [key, value] : out.changes) {
    if (value)
      table[key] = *value;
    else
      table.erase(key);
  }
  auto fresh = made.aggregator();
  for (const auto& [key, value] : table)
    REQUIRE(fresh->restore(key, value).ok());
  return fresh;
}

TEST_CASE("sort keeps the first rows there have ever been") {
  const Made made(Role::kStage, "sort", "by: [n desc, name]\nlimit: 3", kStream);
  CHECK(made.binding.routing.to_string() == "exchange()");
  const auto sort = made.aggregator();
  test::process(*sort, test::rows(kSchema, R"({"name":"a","n":5}
{"name":"b","n":9}
{"name":"c","n":1}
{"name":"d","n":7})"));
  CHECK(view(*sort) == "b|9\nd|7\na|5\n");
  test::process(*sort, test::rows(kSchema, "{\"name\":\"e\",\"n\":8}\n{\"name\":\"f\",\"n\":0}"));
  CHECK(view(*sort) == "b|9\ne|8\nd|7\n");
  CHECK(sort->read_all(2).value()->to_string() == "b|9\ne|8\n");
  CHECK(sort->keys() == 3);
}

TEST_CASE("sort answers by rank, counted from 1") {
  const auto sort = Made(Role::kStage, "sort", "by: [n]\nlimit: 10", kStream).aggregator();
  test::process(*sort, test::rows(kSchema, R"({"name":"a","n":5}
{"name":"b","n":1}
{"name":"b","n":1})"));
  CHECK(sort->lookup({"1"}).value()->to_string() == "b|1\n");
  CHECK(sort->lookup({"2"}).value()->to_string() == "b|1\n");
  CHECK(sort->lookup({"3"}).value()->to_string() == "a|5\n");
  CHECK(sort->lookup({"4"}).value() == nullptr);
  CHECK(sort->lookup({"0"}).status().code() == Code::kInvalidArgument);
  CHECK(sort->lookup({"x"}).status().code() == Code::kInvalidArgument);
}

TEST_CASE("sort puts nulls where it is told to, by default as PostgreSQL does") {
  const auto order = [](const std::string& by) {
    const auto sort = Made(Role::kStage, "sort", "by: [" + by + "]\nlimit: 9", kStream).aggregator();
    test::process(*sort, test::rows(kSchema, R"({"name":"x","n":1}
{"name":"y"}
{"name":"z","n":-2})"));
    std::string names;
    const BatchPtr all = sort->read_all(9).value();
    for (size_t i = 0; i < all->rows(); ++i)
      names += all->column(0)->string(i);
    return names;
  };
  CHECK(order("n") == "zxy");
  CHECK(order("n asc nulls first") == "yzx");
  CHECK(order("n DESC") == "yxz");
  CHECK(order("n desc nulls last") == "xzy");
  CHECK(order("name desc") == "zyx");
}

TEST_CASE("sort over a view keeps the newest row of each key") {
  const Made made(Role::kStage, "sort", "by: [n desc]\nlimit: 2", kView);
  const auto sort = made.aggregator();
  test::process(*sort, test::rows(kSchema, R"({"name":"a","n":5}
{"name":"b","n":9}
{"name":"c","n":7})"));
  CHECK(view(*sort) == "b|9\nc|7\n");
  test::process(*sort, test::rows(kSchema, R"({"name":"b","n":1})"));
  CHECK(view(*sort) == "c|7\na|5\n");
  StageOutput out;
  REQUIRE(sort->end_epoch(out).ok());
  CHECK(test::text(out) == "c|7\na|5\n");
  CHECK(out.changes.size() == 3);
  CHECK(sort->keys() == 3);
}

TEST_CASE("sort emits what changed among its first rows, in order") {
  const auto sort = Made(Role::kStage, "sort", "by: [n]\nlimit: 2", kStream).aggregator();
  test::process(*sort, test::rows(kSchema, "{\"n\":5}\n{\"n\":3}\n{\"n\":4}"));
  StageOutput out;
  REQUIRE(sort->end_epoch(out).ok());
  CHECK(test::text(out) == "NULL|3\nNULL|4\n");
  out.clear();
  test::process(*sort, test::rows(kSchema, "{\"n\":9}\n{\"n\":1}"));
  REQUIRE(sort->end_epoch(out).ok());
  CHECK(test::text(out) == "NULL|1\n");
}

TEST_CASE("sort says what its declaration lacks") {
  CHECK_THAT(test::mistakes(Role::kStage, "sort", "by: [n]", kStream), Catch::Contains("limit: 100"));
  CHECK(test::mistakes(Role::kStage, "sort", "by: [n]", kView).empty());
  CHECK(test::mistakes(Role::kStage, "sort", "by: [n]\nmemory: 1MiB", kView).empty());
  CHECK_THAT(test::mistakes(Role::kStage, "sort", "by: [n]\nlimit: 9\nmemory: 1MiB", kStream),
             Catch::Contains("in is no view"));
  CHECK_THAT(test::mistakes(Role::kStage, "sort", "by: [n sideways]\nlimit: 1", kStream),
             Catch::Contains("is no order"));
  CHECK_THAT(test::mistakes(Role::kStage, "sort", "by: [m]\nlimit: 1", kStream), Catch::Contains("unknown-column"));
  CHECK_THAT(test::mistakes(Role::kStage, "sort", "by: [n]\nlimit: 1", {{"s", kSchema, true, {}}}),
             Catch::Contains("sorted already"));
  CHECK_THAT(test::mistakes(Role::kStage, "sort", "by: [n]\nlimit: 1", {{"f", kSchema, false, {"name"}}}),
             Catch::Contains("holds the changes of a view"));
}

TEST_CASE("sort agrees with a full sort, whatever the order of arrival, and with restarts") {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    const bool of_view = seed % 2 == 0;
    const Made made(Role::kStage, "sort", "by: [n desc nulls last, name]\nlimit: 7", of_view ? kView : kStream);
    auto sort = made.aggregator();
    std::map<std::string, std::string> table;
    std::vector<std::pair<std::string, std::optional<int64_t>>> all;
    for (int epoch = 0; epoch < 6; ++epoch) {
      BatchBuilder builder(kSchema);
      for (uint64_t i = random.below(15); i > 0; --i) {
        const std::string name = "k" + std::to_string(random.below(12));
        const auto n = random.below(8) == 0 ? std::nullopt : std::optional(static_cast<int64_t>(random.below(9)) - 4);
        if (of_view)
          std::erase_if(all, [&](const auto& row) { return row.first == name; });
        all.emplace_back(name, n);
        builder.column(0).append_string(name);
        n ? builder.column(1).append_int64(*n) : builder.column(1).append_null();
      }
      test::process(*sort, builder.finish());
      sort = restored(made, *sort, table);
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return std::make_tuple(!a.second, -a.second.value_or(0), a.first) <
             std::make_tuple(!b.second, -b.second.value_or(0), b.first);
    });
    std::string expected;
    for (size_t i = 0; i < std::min<size_t>(7, all.size()); ++i)
      expected += all[i].first + "|" + (all[i].second ? std::to_string(*all[i].second) : "NULL") + "\n";
    CHECK(view(*sort) == expected);
  }
}

}  // namespace
}  // namespace penstock
