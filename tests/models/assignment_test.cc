#include "models/assignment.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "models/uplift.h"

namespace penstock {
namespace {

TEST_CASE("variants get users by their shares") {
  const std::vector<double> shares = {0.5, 0.3, 0, 0.2};
  std::vector<uint64_t> users(4);
  for (int user = 0; user < 20'000; ++user)
    ++users[assign("home", "user-" + std::to_string(user), shares)];
  CHECK(users[2] == 0);
  const std::vector<uint64_t> got = {users[0], users[1], users[3]};
  const std::vector<double> wanted = {5, 3, 2};
  CHECK(sample_ratio_mismatch(got, wanted) > 0.001);
}

TEST_CASE("assignment is the same for ever") {
  const std::vector<double> halves = {1, 1};
  std::string drawn;
  for (int user = 0; user < 16; ++user)
    drawn += std::to_string(assign("home", std::to_string(user), halves));
  CHECK(drawn == "0111110000011011");
}

TEST_CASE("experiments draw independently of each other") {
  const std::vector<double> halves = {1, 1};
  std::vector<uint64_t> cells(4);
  for (int user = 0; user < 20'000; ++user)
    ++cells[2 * assign("a", std::to_string(user), halves) + assign("b", std::to_string(user), halves)];
  const std::vector<double> even = {1, 1, 1, 1};
  CHECK(sample_ratio_mismatch(cells, even) > 0.001);
}

TEST_CASE("more share for the last variant takes users from its neighbour alone") {
  const std::vector<double> before = {0.5, 0.4, 0.1}, after = {0.5, 0.2, 0.3};
  for (int user = 0; user < 2000; ++user) {
    const std::string name = std::to_string(user);
    const size_t was = assign("home", name, before), is = assign("home", name, after);
    CHECK((was == is || (was == 1 && is == 2)));
  }
}

}  // namespace
}  // namespace penstock
