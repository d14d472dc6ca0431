#include "actors/recommenders/item_rules.h"

#include <catch2/catch.hpp>

#include "actors/recommenders/allowed_items.h"
#include "tests/recommenders/catalogue.h"

namespace penstock {
namespace {

Condition condition(const std::string& text) { return *Condition::compile(text, test::kItems, test::kUsers); }

RowTable table() { return RowTable(test::catalogue(), 0); }

std::string letters(const AllowedRows& allowed) {
  std::string out;
  for (int32_t row = 0; row < allowed.rows.size(); ++row)
    if (allowed.rows.contains(row))
      out += static_cast<char>('a' + row);
  return out + (allowed.strangers ? "?" : "");
}

TEST_CASE("a row table finds rows by the text of their key, and codes equal values equally") {
  const std::vector<size_t> coded = {1, 2};
  const RowTable rows(test::catalogue(), 0, coded);
  CHECK(rows.row("c") == 2);
  CHECK(rows.row("x") == -1);
  CHECK(rows.code(0, 0) == rows.code(0, 2));
  CHECK(rows.code(0, 0) != rows.code(0, 3));
  CHECK(rows.code(1, 5) == -1);
  CHECK(rows.code(1, -1) == -1);
  CHECK(RowTable(test::catalogue(), 2).row("2") == 2);  // numbers as they are written
}

TEST_CASE("what must hold rules out items without a row; what excludes does not") {
  CHECK(letters(ItemRules{.must = {condition("stock > 0")}}.allowed(table(), nullptr, nullptr)) == "abef");
  CHECK(letters(ItemRules{.exclude = {condition("category = 'food'")}}.allowed(table(), nullptr, nullptr)) == "def?");
  CHECK(letters(ItemRules{}.allowed(table(), nullptr, nullptr)) == "abcdef?");
}

TEST_CASE("all of must, exclude and the request's filter count") {
  const ItemRules rules{.must = {condition("stock > 0")}, .exclude = {condition("vendor = 1"), condition("stock = 9")}};
  CHECK(letters(rules.allowed(table(), nullptr, nullptr)) == "f");
  const Condition filter = condition("category = 'toys'");
  CHECK(letters(ItemRules{}.allowed(table(), nullptr, &filter)) == "de");
}

TEST_CASE("an exclusion that cannot be computed excludes") {
  CHECK(letters(ItemRules{.exclude = {condition("10 / stock > 5")}}.allowed(table(), nullptr, nullptr)) == "adef?");
}

TEST_CASE("the allowed items of a snapshot are found by their rows, once for each user value and filter") {
  const ItemRules rules{.must = {condition("region IS NULL OR region = user.region")},
                        .boosts = {{condition("vendor = 1"), 2}, {condition("stock > 1"), 3}}};
  const AllowedItems allowed(table(), rules);
  const std::vector<std::string> items = {"e", "x", "a"};
  const auto north = test::person("north"), south = test::person("south");
  const auto in_north = allowed.items("m/1", items, north.get(), nullptr);
  CHECK(in_north->contains(0));
  CHECK_FALSE(in_north->contains(1));
  CHECK(in_north->contains(2));
  CHECK_FALSE(allowed.items("m/1", items, south.get(), nullptr)->contains(0));
  CHECK(allowed.items("m/1", items, north.get(), nullptr) == in_north);
  CHECK(allowed.items("m/2", {"a"}, north.get(), nullptr) != in_north);
  CHECK(allowed.boosts({0, 1, 2, -1}, nullptr) == std::vector<float>{6, 2, 1, 1});
  CHECK(AllowedItems(table(), ItemRules{}).items("m/1", items, nullptr, nullptr) == nullptr);
}

}  // namespace
}  // namespace penstock
