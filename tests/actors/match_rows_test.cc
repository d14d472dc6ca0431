#include "actors/testing/match_rows.h"

#include <catch2/catch.hpp>

#include "messages/json_lines.h"

namespace penstock {
namespace {

BatchPtr rows(const std::string& lines) {
  static const auto schema = std::make_shared<const Schema>(
      std::vector<Field>{{"a", Type::kInt64}, {"b", Type::kString}, {"x", Type::kFloat64}, {"j", Type::kJson}});
  return JsonLinesDecoder(schema).decode(lines).batch;
}

topology::ExpectedRow row(std::vector<std::pair<std::string, std::optional<std::string>>> cells) {
  topology::ExpectedRow out;
  for (auto& [column, value] : cells)
    out.cells.push_back({{}, column, value, column == "b"});
  return out;
}

std::string differences(std::vector<topology::ExpectedRow> expected, const BatchPtr& there,
                        topology::ExpectedRows::Mode mode = topology::ExpectedRows::Mode::kExactly) {
  topology::ExpectedRows expectation;
  expectation.mode = mode;
  expectation.rows = std::move(expected);
  std::string out;
  for (const TestDifference& difference : match_rows(expectation, there)) {
    out += difference.what;
    for (const std::string& text : difference.missing)
      out += " -" + text;
    for (const std::string& text : difference.unwanted)
      out += " +" + text;
  }
  return out;
}

}  // namespace

TEST_CASE("rows are compared in any order and by the columns that are named") {
  const BatchPtr two = rows("{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n");
  CHECK(differences({row({{"a", "2"}}), row({{"b", "x"}})}, two) == "");
  CHECK(differences({row({{"a", "2"}})}, two) == "1 of 1 row is there, and 1 more row +{\"a\":1}");
  CHECK(differences({row({{"a", "2"}})}, two, topology::ExpectedRows::Mode::kContains) == "");
}

TEST_CASE("a row that many expected rows fit is given to the one that needs it") {
  const BatchPtr two = rows("{\"a\":1,\"b\":\"x\"}\n{\"a\":1,\"b\":\"y\"}\n");
  CHECK(differences({row({{"a", "1"}}), row({{"b", "x"}})}, two) == "");
  CHECK(differences({row({{"b", "x"}}), row({{"b", "x"}})}, two) ==
        "1 of 2 rows are there, and 1 other row -{\"b\":\"x\"} +{\"b\":\"y\"}");
}

TEST_CASE("numbers are near, null is null, and json is compared by value") {
  const BatchPtr one = rows("{\"a\":null,\"b\":\"x\",\"x\":0.30000000000000004,\"j\":{\"p\":1,\"q\":[2]}}\n");
  CHECK(differences({row({{"x", "0.3"}, {"a", std::nullopt}, {"j", "{\"q\":[2],\"p\":1}"}})}, one) == "");
  CHECK(differences({row({{"a", "0"}})}, one) == "0 of 1 row is there, and 1 other row -{\"a\":0} +{\"a\":null}");
  CHECK(differences({row({{"x", "0.31"}})}, nullptr) == "0 of 1 row is there -{\"x\":0.31}");
}

}  // namespace penstock
