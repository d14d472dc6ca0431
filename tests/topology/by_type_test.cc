#include "topology/by_type.h"

#include <catch2/catch.hpp>

#include "small_catalogue.h"

using namespace penstock::topology;
using penstock::topology::testing::check_text;
using penstock::topology::testing::mistakes;

TEST_CASE("what only one type takes counts when the type is chosen") {
  const std::string text =
      "name: shop\nschemas:\n  event: {user: int64, item: int64}\nsources:\n  events:\n    type: ${INPUT:-file}\n"
      "    file: {schema: event, pth: x}\n    topic: {topic: events}\n"
      "models:\n  taste: {type: als, input: events, user: user, item: item}\n";
  CHECK(mistakes(text).starts_with("7:27 unknown-key: the file events has no key \"pth\" (did you mean path?)\n"));
  std::string right = text;
  right.replace(right.find(", pth: x"), 8, "");
  CHECK(mistakes(right) == "");
}

TEST_CASE("of several types the first counts that has a map of its own, else the last") {
  const std::string text =
      "name: shop\nschemas:\n  event: {user: int64, item: int64}\nsources:\n  events:\n"
      "    type: [\"${INPUT:-web}\", file]\n    file: {schema: event}\n    topic: {topic: events, schema: event}\n"
      "models:\n  taste: {type: als, input: events, user: user, item: item}\n";
  const auto type = [&](const std::map<std::string, std::string>& variables) {
    const CheckResult result = check_text(text, variables);
    REQUIRE(testing::to_lines(result.diagnostics) == "");
    return result.topology->find("events")->component.type;
  };
  CHECK(type({}) == "file");
  CHECK(type({{"INPUT", "file"}}) == "file");
  CHECK(type({{"INPUT", "topic"}}) == "topic");
  std::string wrong = text;
  wrong.replace(wrong.find(", file]"), 7, ", fiel]");
  CHECK_THAT(mistakes(wrong), Catch::StartsWith("6:29 unknown-type: there is no type of source named \"fiel\""));
}
