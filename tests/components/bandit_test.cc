#include "actors/aggregators/bandit.h"

#include <catch2/catch.hpp>
#include <map>

#include "actors/aggregators/bandit_situation.h"
#include "actors/sources/impressions.h"
#include "tests/components/in_topology.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Role;

const SchemaPtr kTrials = test::schema(
    {{"offer", Type::kString}, {"paid", Type::kFloat64}, {"device", Type::kString}, {"hour", Type::kInt64}});
const std::vector<topology::Input> kInputs = {{"in", kTrials, false, {}}};
const std::string kDecisions = R"(
name: offers
schemas: {click: {decision: string, reward: float64, at: timestamp}}
sources:
  shown: {type: impressions}
  clicks: {type: http, path: /clicks, schema: click}
models:
  offer:
    type: bandit
    input: clicks
    decision: decision
    reward: reward
    time: at
    within: 10m
    policy: linucb
    features: [{name: device, kind: categorical, values: [phone, desktop]}]
    arms: [a, b]
    impressions: shown
servers: {api: {type: http}}
)";

std::string view(const Aggregator& aggregator) { return aggregator.read_all(100).value()->to_string(); }

using Table = std::map<std::string, std::string>;

void commit(Aggregator& aggregator, Table& table) {
  StageOutput out;
  REQUIRE(aggregator.end_epoch(out).ok());
  for (auto& [key, value] : out.changes)
    value ? (void)(table[key] = *value) : (void)table.erase(key);
}

BatchPtr decision(const std::string& id, const std::string& arm, int64_t minute, const std::string& context = "") {
  std::string line = R"({"impression":")" + id + R"(","at":")" + "2026-01-01T00:" + (minute < 10 ? "0" : "") +
                     std::to_string(minute) + R"(:00Z","item":")" + arm + R"(","position":1,"model":"offer")";
  line += context.empty() ? "}" : ",\"context\":" + context + "}";
  return test::rows(impressions_schema(), line);
}

TEST_CASE("a bandit learns trials that name their arm, and shows them as a view") {
  const Made made(Role::kModel, "bandit", "arm: offer\nreward: paid", kInputs);
  CHECK(made.binding.online);
  const auto bandit = made.aggregator();
  test::process(*bandit, test::rows(kTrials, R"({"offer":"a","paid":1}
{"offer":"b","paid":0}
{"offer":"a","paid":0.5}
{"offer":"a"})"));
  StageOutput out;
  REQUIRE(bandit->end_epoch(out).ok());
  CHECK(view(*bandit) == "a|2|1.5\nb|1|0\n");
  CHECK(bandit->lookup({"a"}).value()->to_string() == "a|2|1.5\n");
  const auto arms = dynamic_cast<Bandit&>(*bandit).arms();
  CHECK(arms->names == std::vector<std::string>{"a", "b"});
  CHECK(arms->trials == 3);
  CHECK(arms->posteriors[0]->at({}).mean == Approx(2.5 / 4));
}

TEST_CASE("rewards and arms that a bandit cannot take are set aside") {
  const Made made(Role::kModel, "bandit", "arm: offer\nreward: paid\narms: [a, b]", kInputs);
  const auto bandit = made.aggregator();
  StageOutput out;
  REQUIRE(bandit
              ->process(test::rows_at(kTrials, R"({"offer":"a","paid":3}
{"offer":"c","paid":1}
{"paid":1})",
                                      5),
                        out)
              .ok());
  CHECK_THAT(test::reasons(out), Catch::Contains("the reward is 3, but must be from 0 to 1 @5") &&
                                     Catch::Contains("there is no arm \"c\" @6") &&
                                     Catch::Contains("the arm is null @7"));
}

TEST_CASE("a bandit with context learns from the columns of its trials, and is the same after a restart") {
  const Made made(Role::kModel, "bandit",
                  "arm: offer\nreward: paid\npolicy: linucb\nfeatures: [{name: device, kind: categorical, values: "
                  "[phone, desktop]}, {name: hour, scale: 24}]",
                  kInputs);
  const auto bandit = made.aggregator();
  Table table;
  for (int i = 0; i < 20; ++i) {
    test::process(*bandit, test::rows(kTrials, R"({"offer":"a","paid":1,"device":"phone","hour":12}
{"offer":"a","paid":0,"device":"desktop","hour":12})"));
    commit(*bandit, table);
  }
  const auto restored = made.aggregator();
  for (const auto& [key, value] : table)
    REQUIRE(restored->restore(key, value).ok());
  test::process(*restored, test::rows(kTrials, R"({"offer":"b","paid":1})"));
  commit(*restored, table);
  CHECK(view(*restored) == "a|40|20\nb|1|1\n");
  const auto& it = dynamic_cast<Bandit&>(*restored);
  const auto& context = it.plan().context;
  const ArmPosterior& a = *it.arms()->posteriors[0];
  CHECK(a.at(read_situation(context, R"({"device":"phone","hour":12})").value()).mean > 0.9);
  CHECK(a.at(read_situation(context, R"({"device":"desktop","hour":12})").value()).mean < 0.1);
}

TEST_CASE("a decision finds its outcome through the log of impressions, or has earned nothing when its time is over") {
  const test::InTopology in(kDecisions);
  const auto bandit = in.aggregator("offer");
  const SchemaPtr clicks = in.topology().find("clicks")->binding.output;
  Table table;
  test::process(*bandit, decision("d1", "a", 0, R"({"device":"phone"})"));
  test::process(*bandit, decision("d2", "b", 1));
  test::process(*bandit, test::rows(clicks, R"({"decision":"d1","reward":1,"at":"2026-01-01T00:05:00Z"})"));
  test::process(*bandit, test::rows(clicks, R"({"decision":"d1","reward":1,"at":"2026-01-01T00:06:00Z"})"));
  commit(*bandit, table);
  CHECK(view(*bandit) == "a|1|1\n");

  const auto restored = in.aggregator("offer");
  for (const auto& [key, value] : table)
    REQUIRE(restored->restore(key, value).ok());
  test::process(*restored, decision("d3", "a", 30));
  test::process(*restored, test::rows(clicks, R"({"decision":"d9","reward":1,"at":"2026-01-01T00:30:00Z"})"));
  commit(*restored, table);
  CHECK(view(*restored) == "a|1|1\nb|1|0\n");
}

TEST_CASE("a situation is read from JSON, and a feature nobody declared is refused") {
  const BanditContext context(
      {{.name = "hour", .scale = 24}, {.name = "device", .kind = ContextFeature::Kind::kHashed}});
  CHECK(read_situation(context, "").value() == context.empty());
  CHECK(read_situation(context, R"({"hour":6,"device":null})").value()[1] == 0.25);
  CHECK_THAT(read_situation(context, R"({"hours":6})").status().message(), Catch::Contains("did you mean \"hour\"?"));
  CHECK_THAT(read_situation(context, R"({"hour":"six"})").status().message(), Catch::Contains("must be a number"));
  CHECK_FALSE(read_situation(context, "[1]").ok());
  CHECK_FALSE(read_situation(context, "{").ok());
}

TEST_CASE("what is wrong with a bandit is said") {
  const auto wrong = [](const std::string& yaml) { return test::mistakes(Role::kModel, "bandit", yaml, kInputs); };
  CHECK_THAT(wrong("reward: paid"), Catch::Contains("one of the two"));
  CHECK_THAT(wrong("decision: offer"), Catch::Contains("the bandit names none"));
  CHECK_THAT(wrong("arm: offer\npolicy: linucb\nfeatures: [{name: town}]"), Catch::Contains("town"));
  CHECK_THAT(wrong("arm: offer\npolicy: linucb\nfeatures: [{name: device, kind: categorical}]"),
             Catch::Contains("needs its values"));
  CHECK_THAT(wrong("arm: offer\nfeatures: [{name: hour}]"), Catch::Contains("takes no notice of features"));
  CHECK_THAT(test::mistakes_of_topology(
                 "name: x\nschemas: {c: {d: string}}\nsources: {clicks: {type: http, path: /c, schema: c}, s: {type: "
                 "synthetic}}\nmodels: {o: {type: bandit, input: clicks, decision: d, impressions: s}}\nservers: {api: "
                 "{type: http}}\n"),
             Catch::Contains("s is no log of impressions"));
}

}  // namespace
}  // namespace penstock
