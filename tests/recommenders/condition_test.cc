#include "actors/recommenders/condition.h"

#include <catch2/catch.hpp>

#include "tests/recommenders/catalogue.h"

namespace penstock {
namespace {

using test::kItems;
using test::kUsers;

std::string letters(const RowSet& rows) {
  std::string out;
  for (int32_t row = 0; row < rows.size(); ++row)
    if (rows.contains(row))
      out += static_cast<char>('a' + row);
  return out;
}

std::string selected(const std::string& text, const BatchPtr& user = nullptr) {
  const auto condition = Condition::compile(text, kItems, kUsers);
  if (!condition.ok())
    return "@" + std::to_string(condition.problem().offset) + " " + condition.problem().message + " (" +
           condition.problem().hint + ")";
  return letters(condition->select(*test::catalogue(), user.get()));
}

TEST_CASE("a condition selects the items of which it is true, not those of which it is null") {
  CHECK(selected("stock > 0") == "abef");
  CHECK(selected("stock > 0 OR stock IS NULL") == "abdef");
  CHECK(selected("vendor IN (2)") == "cde");
  CHECK(selected("true") == "abcdef");
}

TEST_CASE("a condition compares items with the user's row") {
  const std::string here = "region IS NULL OR region = user.region";
  CHECK(selected(here, test::person("north")) == "abcdef");
  CHECK(selected(here, test::person("south")) == "abcdf");
  CHECK(selected(here) == "abcdf");
  CHECK(selected("user.age >= 18 AND stock > 0", test::person("north")) == "abef");
  CHECK(selected("user.age IS NULL") == "abcdef");
}

TEST_CASE("a condition depends on the user's values that it names, and on no others") {
  const auto condition = Condition::compile("region = user.region", kItems, kUsers);
  REQUIRE(condition.ok());
  CHECK(condition->reads_user());
  CHECK(condition->user_values(test::person("north").get()) == "5:north");
  CHECK(condition->user_values(nullptr) == "4:NULL");
  CHECK_FALSE(Condition::compile("stock > 0", kItems, kUsers)->reads_user());
}

TEST_CASE("a condition that cannot be computed for a row does not hold there, and says so") {
  const auto condition = Condition::compile("10 / stock > 1", kItems, nullptr);
  REQUIRE(condition.ok());
  RowSet failed(6);
  CHECK(letters(condition->select(*test::catalogue(), nullptr, &failed)) == "ab");
  CHECK(letters(failed) == "c");
}

TEST_CASE("wrong conditions say where and what would be right") {
  CHECK(selected("stok > 0") == "@0 there is no column \"stok\" (did you mean stock?)");
  CHECK(selected("stock > 0 AND user.regoin = 'x'") ==
        "@14 there is no column \"user.regoin\" (did you mean user.region?)");
  CHECK(selected("stock") ==
        "@0 a condition must be bool, but this is int64 (compare it with something, as in `stock > 0`)");
  CHECK(selected("stock >") == "@7 syntax error at end of input ()");
  const auto without_users = Condition::compile("region = user.region", kItems, nullptr);
  REQUIRE_FALSE(without_users.ok());
  CHECK(without_users.problem().message == "a column is written without a table's name here");
}

}  // namespace
}  // namespace penstock
