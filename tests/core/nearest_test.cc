#include "core/nearest.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "core/random.h"

using namespace penstock;

namespace {

// The slow obvious version: the definition, by recursion.
size_t slow_distance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty())
    return std::max(a.size(), b.size());
  const std::string_view a1 = a.substr(1), b1 = b.substr(1);
  size_t best =
      std::min({slow_distance(a1, b) + 1, slow_distance(a, b1) + 1, slow_distance(a1, b1) + (a[0] == b[0] ? 0 : 1)});
  if (a.size() > 1 && b.size() > 1 && a[0] == b[1] && a[1] == b[0])
    best = std::min(best, slow_distance(a.substr(2), b.substr(2)) + 1);
  return best;
}

}  // namespace

TEST_CASE("the edit distance counts inserts, deletes, replacements and swaps, whatever the letter case") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("filter", "filtre") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("User_ID", "user_id") == 0);
}

TEST_CASE("the edit distance agrees with its definition on random words") {
  Random random(1);
  const auto word = [&] {
    std::string out;
    for (uint64_t i = random.below(7); i > 0; --i)
      out += static_cast<char>('a' + random.below(3));
    return out;
  };
  for (int i = 0; i < 2000; ++i) {
    const std::string a = word(), b = word();
    INFO(a << " " << b);
    REQUIRE(edit_distance(a, b) == slow_distance(a, b));
  }
}

TEST_CASE("the nearest name is given only if it may be meant") {
  const std::vector<std::string> known = {"user", "item", "rating", "timestamp"};
  CHECK(nearest("usr", known) == "user");
  CHECK(nearest("timestmap", known) == "timestamp");
  CHECK(nearest("RATING", known) == "rating");
  CHECK_FALSE(nearest("price", known));
  CHECK_FALSE(nearest("anything", {}));
  const std::vector<std::string> equals = {"cat", "car"};
  CHECK(nearest("cam", equals) == "cat");
}
