#include <catch2/catch.hpp>

#include "tests/components/keyed_runner.h"

namespace penstock {
namespace {

using test::KeyedRunner;
using test::Made;
using topology::Role;

const SchemaPtr kOffers = test::schema(
    {{"offer_id", Type::kString}, {"segment", Type::kString}, {"at_most", Type::kInt64}, {"bad", Type::kInt64}});
const SchemaPtr kAnswers = test::schema({{"offer", Type::kString}, {"taken", Type::kFloat64}});
const std::vector<topology::Input> kInputs = {{"offers", kOffers, false, {}}, {"answers", kAnswers, false, {}}};
constexpr size_t kRows = 0, kOutcomes = 1;
constexpr int64_t kMinute = 60'000'000;

const std::string kChoose = R"(
decision: {rows: offer_id, outcomes: offer}
arms: {small: at_most >= 5, large: at_most >= 20}
reward: taken
within: 10m
policy: linucb
alpha: 0
explore: 0
features: [{name: segment, kind: categorical, values: [new, old]}]
)";
Made made(const std::string& yaml = kChoose) { return Made(Role::kStage, "choose", yaml, kInputs); }

BatchPtr offer(const std::string& id, const std::string& segment, int at_most) {
  return test::rows(kOffers, R"({"offer_id":")" + id + R"(","segment":")" + segment + R"(","at_most":)" +
                                 std::to_string(at_most) + "}");
}
BatchPtr answer(const std::string& id, double taken) {
  return test::rows(kAnswers, R"({"offer":")" + id + R"(","taken":)" + std::to_string(taken) + "}");
}

TEST_CASE("choose gives a row an arm that it may have, with what is needed to judge the choice") {
  const Made choose = made();
  CHECK(choose.binding.routing.to_string() == "exchange()");
  KeyedRunner runner(choose, 1);
  runner.feed(offer("a", "new", 5), kRows);
  runner.feed(offer("b", "new", 1), kRows);
  CHECK(runner.lines() == "a|new|5|NULL|small|1|{\"segment\":\"new\"}\n");
  CHECK(runner.lines("none") == "b|new|1|NULL\n");
}

TEST_CASE("choose learns from outcomes which arm is best in which situation, through crashes") {
  const Made choose = made();
  KeyedRunner runner(choose, 1);
  for (int i = 0; i < 20; ++i) {  // to new customers only the small one sells, to old ones none did so far
    const std::string n = std::to_string(i);
    runner.feed(offer("new" + n, "new", i % 2 == 0 ? 5 : 20), kRows);
    runner.feed(offer("old" + n, "old", 5), kRows);
    runner.end_epoch();
    runner.commit_all();
    if (i % 5 == 4)
      runner.crash(1);
    runner.feed(answer("new" + n, 1), kOutcomes);
    runner.feed(answer("new" + n, 1), kOutcomes);  // counts once
    runner.feed(answer("old" + n, -1), kOutcomes);
    runner.end_epoch();
    runner.commit_all();
  }
  const std::string before = runner.lines();
  runner.feed(offer("x", "new", 20), kRows);
  runner.feed(offer("y", "old", 20), kRows);
  CHECK(runner.lines().substr(before.size()) ==
        "x|new|20|NULL|small|1|{\"segment\":\"new\"}\ny|old|20|NULL|large|1|{\"segment\":\"old\"}\n");
  CHECK(runner.lookup("small")->to_string() == "small|40|0\n");
}

TEST_CASE("a choice without an outcome in its time has earned nothing, and one that is unknown is passed over") {
  const Made choose = made();
  KeyedRunner runner(choose, 1);
  runner.feed(offer("a", "new", 5), kRows);
  runner.end_epoch();
  choose.clock->advance_micros(11 * kMinute);
  runner.feed(offer("b", "new", 5), kRows);
  runner.feed(answer("nobody", 1), kOutcomes);
  runner.end_epoch();
  CHECK(runner.lookup("small")->to_string() == "small|1|0\n");
  runner.feed(answer("a", 1), kOutcomes);
  runner.end_epoch();
  CHECK(runner.lookup("small")->to_string() == "small|1|0\n");
}

TEST_CASE(
    "choose sets rows aside for which it cannot say what they may have, and says what is wrong in its declaration") {
  std::string yaml = kChoose;
  yaml.replace(yaml.find("at_most >= 20"), 13, "100 / bad > 1");
  const Made choose = made(yaml);
  KeyedRunner runner(choose, 1);
  runner.feed(test::rows(kOffers, "{\"offer_id\":\"a\",\"at_most\":5,\"bad\":0}\n{\"at_most\":5,\"bad\":1}"), kRows);
  CHECK(runner.lines().empty());
  CHECK_THAT(runner.rejected(),
             Catch::Contains("choose: large: division by zero") && Catch::Contains("choose: offer_id is null"));
  const auto mistakes = [](const std::string& text) { return test::mistakes(Role::kStage, "choose", text, kInputs); };
  CHECK_THAT(mistakes("decision: {rows: offer_di, outcomes: offer}\narms: {a: \"true\"}"),
             Catch::Contains("did you mean offer_id?"));
  CHECK_THAT(mistakes("decision: {rows: offer_id, outcomes: offer}\narms: {a: at_most}"),
             Catch::Contains("the condition of an arm must be bool"));
  CHECK_THAT(mistakes("decision: {rows: offer_id, outcomes: offer}\narms: {a: \"true\"}\nfeatures: [{name: segment}]"),
             Catch::Contains("segment"));
}

}  // namespace
}  // namespace penstock
