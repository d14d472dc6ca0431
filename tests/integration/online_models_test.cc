// Models that are measured or learn on the live stream, and the search for hyper-parameters, through the real program.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/random.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTopology = R"(
name: food
schemas:
  order: {shop: {type: int64, required: true}, minutes: float64, status: string, at: {type: timestamp, required: true}}
sources:
  orders: {type: http, path: /ingest/orders, schema: order, event_time: at}
models:
  refunds:
    type: logistic
    input: orders
    label: status = 'REFUNDED'
    features: {shop: categorical, minutes: numeric}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)";

constexpr const char* kShop = R"(
name: shop
sources:
  shop: {type: synthetic, users: 300, items: 100, events: 6000, rate: 300}
models:
  taste:
    type: als
    input: shop
    user: user_id
    item: item_id
    factors: 8
    drift: {columns: [price, category]}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)";

// Orders of shop 1 are refunded as a rule, those of shop 2 hardly ever.
std::string orders(int count) {
  Random random(3);
  std::ostringstream out;
  out << "[";
  for (int i = 0; i < count; ++i) {
    const uint64_t shop = 1 + random.below(2);
    out << R"({"shop":)" << shop << R"(,"minutes":)" << 20 + random.below(20) << R"(,"status":")"
        << (random.below(10) < (shop == 1 ? 9 : 1) ? "REFUNDED" : "DELIVERED") << R"(","at":"2026-01-01T00:00:00Z"})"
        << (i + 1 < count ? "," : "]");
  }
  return out.str();
}

TEST_CASE("a logistic model answers from the rows it took in, and goes on after a kill", "[integration]") {
  const TemporaryFolder folder;
  const RunningNode::Start start{
      .binary = PENSTOCK_BINARY, .topology = folder.write("food.yaml", kTopology), .data_dir = folder / "data"};
  const std::string question = R"({"rows":[{"shop":1,"minutes":30},{"shop":2,"minutes":30},{}]})";
  const auto ask = [&](RunningNode& node, const std::string& body) {
    return node.post("/v1/models/refunds/predict", body);
  };
  std::string before;
  {
    RunningNode node(start);
    REQUIRE(node.wait_until_ready());
    const Answer taken = node.post("/ingest/orders", orders(2'000));
    INFO(taken.body);
    REQUIRE(taken.code / 100 == 2);
    before = ask(node, question).body;
    CHECK_THAT(before, Catch::StartsWith(R"({"model":"refunds","learnt":2000,"predictions":[{"probability":0.8)") ||
                           Catch::StartsWith(R"({"model":"refunds","learnt":2000,"predictions":[{"probability":0.9)"));
    const Answer model = node.get("/v1/models/refunds");
    CHECK_THAT(model.body, Catch::Contains(R"("state":"online")") && Catch::Contains(R"("calibration_error")"));
    CHECK_THAT(node.get("/metrics").body, Catch::Contains("penstock_prequential_metric"));
    CHECK(ask(node, R"({"features":{"shp":1}})").code == 400);
    CHECK(ask(node, R"({"features":{"minutes":"long"}})").code == 400);
    CHECK(node.post("/v1/models/nothing/predict", R"({"features":{}})").code == 404);
    node.kill();
  }
  RunningNode node(start);
  REQUIRE(node.wait_until_ready());
  CHECK(ask(node, question).body == before);
}

TEST_CASE("a ranking model is measured on the live stream, and its columns are watched", "[integration]") {
  const TemporaryFolder folder;
  RunningNode node(
      {.binary = PENSTOCK_BINARY, .topology = folder.write("shop.yaml", kShop), .data_dir = folder / "data"});
  REQUIRE(node.wait_until_ready());
  const Answer model = node.wait_for("/v1/models/taste", R"("segment":"all")", 40s);
  CHECK_THAT(model.body, Catch::Contains("ndcg@10"));
  CHECK_THAT(node.wait_for("/v1/models/taste", R"("column":"category")", 10s).body, Catch::Contains("jensen_shannon"));
}

TEST_CASE("a search for hyper-parameters is kept, goes on, and shows the best as YAML", "[integration]") {
  const TemporaryFolder folder;
  const std::string topology = folder.write("shop.yaml", R"(
name: shop
sources:
  shop: {type: synthetic, users: 200, items: 80, events: 5000}
models:
  taste: {type: als, input: shop, user: user_id, item: item_id, factors: 8, iterations: 3}
)");
  const auto tune = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {PENSTOCK_BINARY, "tune", topology, "--protocol", "llo", "--results", folder / "trials",
                               "--range", "regularization=0.01:10:log", "--range", "factors=4:16"});
    return run_to_end({.arguments = std::move(more)});
  };
  const Finished first = tune({"--trials", "4"});
  INFO(first.err);
  REQUIRE(first.code == 0);
  CHECK_THAT(first.out, Catch::Contains("4 trials") && Catch::Contains("    regularization: ") &&
                            Catch::Contains("penstock evaluate"));
  const Finished more = tune({"--trials", "9"});
  REQUIRE(more.code == 0);
  CHECK_THAT(more.err, Catch::Contains("going on after 4 trials"));
  CHECK_THAT(more.out, Catch::Contains("9 trials"));
  std::ifstream trials(folder / "trials");
  int lines = 0;
  for (std::string line; std::getline(trials, line);)
    ++lines;
  CHECK(lines == 9);

  const Finished wrong = tune({"--range", "regularisation=1:2"});
  CHECK(wrong.code != 0);
  CHECK_THAT(wrong.err, Catch::Contains("did you mean `regularization`?"));
}

}  // namespace
}  // namespace penstock::test
