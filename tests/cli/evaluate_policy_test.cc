#include "cli/evaluate_policy.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "actors/components.h"
#include "config/settings.h"
#include "core/random.h"
#include "tests/support/temporary_folder.h"
#include "topology/check.h"

namespace penstock::cli {
namespace {

const std::string kTopology = R"(
name: offers
schemas: {click: {decision: string, reward: float64}}
sources:
  shown: {type: impressions}
  clicks: {type: http, path: /clicks, schema: click}
models:
  offer: {type: bandit, input: clicks, decision: decision, reward: reward, arms: [a, b], impressions: shown,
          policy: linucb, features: [{name: device, kind: categorical, values: [phone, desktop]}]}
servers: {api: {type: http}}
)";

topology::CheckedTopology checked() {
  auto result = topology::check(kTopology, "t.yaml", ".", catalogue(), settings_type(),
                                [](const std::string&) { return std::nullopt; });
  REQUIRE(result.topology);
  return std::move(*result.topology);
}

// Phones buy a, desktops buy b; the log chose a three times in four.
void write_log(const test::TemporaryFolder& folder, int decisions) {
  Random random(2);
  std::string shown, clicks;
  for (int i = 0; i < decisions; ++i) {
    const bool phone = random.below(2) == 0, a = random.uniform() < 0.75;
    const std::string id = "d" + std::to_string(i);
    shown += R"({"impression":")" + id + R"(","at":"2026-01-01T00:00:00Z","item":")" + (a ? "a" : "b") +
             R"(","position":1,"model":"offer","propensity":)" + (a ? "0.75" : "0.25") + R"(,"context":{"device":")" +
             (phone ? "phone" : "desktop") + "\"}}\n";
    if (random.uniform() < (phone == a ? 0.8 : 0.2))
      clicks += R"({"decision":")" + id + "\",\"reward\":1}\n";
  }
  shown += R"({"impression":"x","item":"i1","position":1,"model":"taste"})";
  folder.write("shown.jsonl", shown);
  folder.write("clicks.jsonl", clicks);
}

TEST_CASE("evaluate-policy says what each policy would have earned") {
  const test::TemporaryFolder folder;
  write_log(folder, 3000);
  const topology::CheckedTopology topology = checked();
  const EvaluatePolicyOptions options{"", folder / "shown.jsonl", folder / "clicks.jsonl", false};
  const auto read = read_decisions(options, topology);
  REQUIRE(read.ok());
  CHECK(read->arms == std::vector<std::string>{"a", "b"});
  CHECK(read->log.size() == 3000);
  CHECK(read->passed_over == 1);
  CHECK(read->log[0].x.size() == 3);

  std::ostringstream out, err;
  REQUIRE(evaluate_policies(options, topology, out, err) == Exit::kOk);
  INFO(out.str());
  CHECK_THAT(out.str(), Catch::Contains("3000 decisions among 2 arms; 1 rows of other models"));
  CHECK_THAT(out.str(), Catch::Contains("always b") && Catch::Contains("linucb (declared)"));
  std::istringstream lines(out.str());
  double greedy = 0, even = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    double value = 0;
    if (words >> name >> value)
      (name == "greedy" ? greedy : name == "even" ? even : value) = value;
  }
  CHECK(greedy == Approx(0.8).margin(0.04));
  CHECK(even == Approx(0.5).margin(0.04));

  std::ostringstream json;
  REQUIRE(evaluate_policies({"offer", folder / "shown.jsonl", folder / "clicks.jsonl", true}, topology, json, err) ==
          0);
  CHECK_THAT(json.str(), Catch::StartsWith(R"({"decisions":3000,"passed_over":1,"policies":[{"policy":"as logged")"));
}

TEST_CASE("evaluate-policy reads rewards that stand beside the decisions") {
  const test::TemporaryFolder folder;
  folder.write("log.jsonl", "{\"item\":\"a\",\"propensity\":0.5,\"reward\":2}\n{\"item\":\"b\",\"propensity\":0.5}\n");
  const auto read = read_decisions({"offer", folder / "log.jsonl", "", false}, checked());
  REQUIRE(read.ok());
  CHECK(read->log[0].reward == 2);
  CHECK(read->log[1].reward == 0);
}

TEST_CASE("evaluate-policy says what is wrong") {
  const test::TemporaryFolder folder;
  const auto topology = checked();
  const auto wrong = [&](const std::string& text, const std::string& model = "offer") {
    folder.write("log.jsonl", text);
    return read_decisions({model, folder / "log.jsonl", "", false}, topology).status().message();
  };
  CHECK_THAT(wrong(R"({"item":"a","propensity":0})"), Catch::Contains("must be over 0"));
  CHECK_THAT(wrong(R"({"item":"a"})"), Catch::Contains("no decision of offer with a propensity"));
  CHECK_THAT(wrong(R"({"item":"a","propensity":1,"context":{"devise":"phone"}})"), Catch::Contains("device"));
  CHECK_THAT(wrong("{\"item\":\"a\",\"propensity\":1}\n{\"propensity\":1}"), Catch::Contains("log.jsonl:2"));
  CHECK_THAT(wrong("", "offers"), Catch::Contains("no bandit \"offers\""));
  CHECK_FALSE(read_decisions({"offer", folder / "none.jsonl", "", false}, topology).ok());
}

}  // namespace
}  // namespace penstock::cli
