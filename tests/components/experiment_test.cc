#include "actors/aggregators/experiment.h"

#include <catch2/catch.hpp>
#include <map>

#include "actors/sources/impressions.h"
#include "core/random.h"
#include "messages/timestamp.h"
#include "tests/components/in_topology.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

constexpr const char* kTopology = R"(
name: shop
schemas: {purchase: {user_id: int64, item_id: int64, price: float64, at: timestamp}}
sources:
  shown: {type: impressions}
  purchases: {type: http, path: /purchases, schema: purchase}
models:
  popular: {type: popularity, input: purchases, user: user_id, item: item_id}
  taste: {type: als, input: purchases, user: user_id, item: item_id}
experiments:
  home:
    type: ab
    variants: {control: popular, personal: {model: taste, share: 3}}
    impressions: shown
    outcome: {input: purchases, user: user_id, item: item_id, value: price, time: at, within: 1h}
servers: {api: {type: http}}
)";

using Table = std::map<std::string, std::string>;

void commit(Aggregator& aggregator, Table& table) {
  StageOutput out;
  REQUIRE(aggregator.end_epoch(out).ok());
  for (auto& [key, value] : out.changes)
    value ? (void)(table[key] = *value) : (void)table.erase(key);
}

struct World {
  test::InTopology in{kTopology};
  SchemaPtr purchases = in.topology().find("purchases")->binding.output;

  BatchPtr shown(int user, int item, int64_t minute, const std::string& variant,
                 const std::string& experiment = "home") const {
    return test::rows(impressions_schema(), R"({"impression":"i","position":1,"user":")" + std::to_string(user) +
                                                R"(","item":")" + std::to_string(item) + R"(","at":")" +
                                                format_timestamp({minute * 60'000'000}) + R"(","experiment":")" +
                                                experiment + R"(","variant":")" + variant + "\"}");
  }
  BatchPtr bought(int user, int item, int64_t minute, double price) const {
    return test::rows(purchases, R"({"user_id":)" + std::to_string(user) + R"(,"item_id":)" + std::to_string(item) +
                                     R"(,"price":)" + std::to_string(price) + R"(,"at":")" +
                                     format_timestamp({minute * 60'000'000}) + "\"}");
  }
};

std::string view(const Aggregator& aggregator) { return aggregator.read_all(100).value()->to_string(); }

TEST_CASE("an experiment counts users, impressions and outcomes of each variant") {
  const World world;
  const auto it = world.in.aggregator("home");
  for (const BatchPtr& batch :
       {world.shown(1, 7, 0, "control"), world.shown(1, 8, 0, "control"), world.shown(2, 7, 0, "personal"),
        world.shown(3, 7, 0, "personal", "another"), world.bought(1, 8, 30, 2.5), world.bought(1, 9, 30, 100),
        world.bought(2, 7, 61, 4), world.bought(2, 7, 59, 1), world.bought(2, 7, 60, 2), world.bought(5, 7, 1, 9)})
    test::process(*it, batch);
  CHECK(view(*it) == "control|1|2|1|1|2.5\npersonal|1|1|1|2|3\n");
  CHECK(it->lookup({"personal"}).value()->to_string() == "personal|1|1|1|2|3\n");
  const std::vector<VariantSums> sums = dynamic_cast<const Experiment&>(*it).sums();
  CHECK(sums[1].vv == 9);  // over users, not over outcomes
}

TEST_CASE("an experiment counts the same after crashes, whichever log is read first") {
  const World world;
  Random random(9);
  std::vector<BatchPtr> shown, bought;
  for (int64_t minute = 0; minute < 200; ++minute) {
    const int user = static_cast<int>(random.below(6)), item = static_cast<int>(random.below(3));
    shown.push_back(world.shown(user, item, minute, user % 2 == 0 ? "control" : "personal"));
    bought.push_back(world.bought(static_cast<int>(random.below(7)), static_cast<int>(random.below(3)), minute,
                                  static_cast<double>(random.below(8))));
  }
  const auto straight = world.in.aggregator("home");
  for (size_t i = 0; i < shown.size(); ++i) {
    test::process(*straight, shown[i]);
    test::process(*straight, bought[i]);
  }
  const std::string expected = view(*straight);
  CHECK(expected.find("|0|0") == std::string::npos);
  for (int attempt = 0; attempt < 10; ++attempt) {
    Table table;
    auto it = world.in.aggregator("home");
    size_t s = 0, b = 0, committed_s = 0, committed_b = 0;
    while (s < shown.size() || b < bought.size()) {
      const bool purchases_wait = b == bought.size() || b > s + 5;  // nearer than the slack
      const bool take_shown = s < shown.size() && (purchases_wait || (s < b + 5 && random.below(2) == 0));
      test::process(*it, take_shown ? shown[s++] : bought[b++]);
      if (random.below(5) == 0) {
        commit(*it, table);
        committed_s = s, committed_b = b;
      }
      if (random.below(25) == 0) {  // what was not committed is read again
        s = committed_s, b = committed_b;
        it = world.in.aggregator("home");
        for (const auto& [key, value] : table)
          REQUIRE(it->restore(key, value).ok());
      }
    }
    CHECK(view(*it) == expected);
  }
}

TEST_CASE("what is wrong with an experiment is said") {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string yaml = kTopology;
    yaml.replace(yaml.find(from), from.size(), to);
    return test::mistakes_of_topology(yaml);
  };
  CHECK_THAT(with("control: popular", "control: popula"), Catch::Contains("no model or recommender \"popula\""));
  CHECK_THAT(with("control: popular", "control: shown"), Catch::Contains("recommends nothing"));
  CHECK_THAT(with("impressions: shown", "impressions: purchases"),
             Catch::Contains("purchases is no log of impressions"));
  CHECK_THAT(with("impressions: shown", "impressions: show"), Catch::Contains("no source or stage \"show\""));
  CHECK_THAT(
      with("input: purchases, user: user_id, item: item_id, v", "input: purchase, user: user_id, item: item_id, v"),
      Catch::Contains("no source or stage \"purchase\""));
  CHECK_THAT(with("value: price", "value: prise"), Catch::Contains("prise"));
  CHECK_THAT(with("value: price", "value: \"'x'\""), Catch::Contains("value is of type string"));
  CHECK_THAT(with(", personal: {model: taste, share: 3}", ""), Catch::Contains("variants"));
}

}  // namespace
}  // namespace penstock
