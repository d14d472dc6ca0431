// A short death loop for the usual suite; scripts/kafka_loop.sh runs long ones.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/kafka/death_loop.h"
#include "tests/kafka/orders.h"

namespace penstock::test {
namespace {

TEST_CASE("nodes of a group, killed again and again with their broker, store each record once and write it once",
          "[integration][kafka][death]") {
  const DeathResult result = run_death_loop(KafkaBroker::shared(), {.binary = PENSTOCK_BINARY, .kills = 22, .seed = 7});
  INFO(summary(result));
  for (const std::string& mistake : result.mistakes)
    FAIL_CHECK(mistake);
  CHECK(result.taken_back > 0);
  CHECK(std::ranges::count_if(result.stored, [](const auto& node) { return node.second > 0; }) >= 2);
}

TEST_CASE("members of a group that join and leave, one behind the other, store each record once",
          "[integration][kafka][death]") {
  const DeathResult result =
      run_death_loop(KafkaBroker::shared(), {.binary = PENSTOCK_BINARY, .kills = 10, .seed = 9, .storm = true});
  INFO(summary(result));
  for (const std::string& mistake : result.mistakes)
    FAIL_CHECK(mistake);
}

TEST_CASE("the death loop would notice what is lost, doubled, strange or changed", "[kafka][death]") {
  CHECK(difference({1, 2, 3}, {3, 2, 1}).empty());
  CHECK(difference({1, 2, 3}, {2}) == "2 are missing, such as 1");
  CHECK(difference({1, 2}, {1, 2, 2, 2}) == "2 are there twice, such as 2");
  CHECK(difference({1}, {1, 9}) == "1 should not be there, such as 9");
  std::string problem;
  CHECK(read_orders(order_json(5) + "\n" + order_json(6) + "\n", problem) == std::vector<int64_t>{5, 6});
  CHECK(problem.empty());
  (void)read_orders(R"({"id":5,"user":"u1","amount":5})", problem);
  CHECK(problem == R"(order 5 was changed: {"id":5,"user":"u1","amount":5})");
}

}  // namespace
}  // namespace penstock::test
