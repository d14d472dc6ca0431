// A stage that lies outside: by file here, where a node has Kafka.
#include "topology/outside.h"

#include <catch2/catch.hpp>

#include "small_catalogue.h"
#include "topology/plan.h"

using namespace penstock::topology;
using penstock::topology::testing::check_text;
using penstock::topology::testing::mistakes;

namespace {

const std::string kText =
    "name: shop\n"
    "schemas:\n"
    "  event: {user: int64, item: int64, price: float64}\n"
    "  kept: {user: int64, item: int64, price: float64}\n"
    "sources:\n"
    "  events: {type: topic, topic: shop, schema: event}\n"
    "stages:\n"
    "  dear: {type: filter, input: events, where: price > 10}\n"
    "  kept:\n"
    "    type: ${KEPT:-buffer}\n"
    "    input: dear\n"
    "    file: {path: /dev/null, write: {}, read: {schema: kept, format: csv}}\n"
    "  sums: {type: reduce, input: kept, group_by: [user], aggregates: {n: count(*)}}\n";

std::string shown(const std::map<std::string, std::string>& variables) {
  const CheckResult result = check_text(kText, variables);
  REQUIRE(testing::to_lines(result.diagnostics) == "");
  std::string out;
  for (const BoundComponent& bound : result.topology->components) {
    out += std::string(role_name(bound.component.role)) + " " + bound.component.id + " " + bound.component.type;
    for (const std::string& input : bound.component.inputs)
      out += " <" + input;
    if (bound.component.has("format"))
      out += " " + bound.component.text("format");
    out += "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("a buffer by one variable lies outside: a sink writes there, and a source of its name reads it back") {
  CHECK(shown({}) ==
        "source events topic\nstage dear filter <events\nstage kept buffer <dear\nstage sums reduce <kept\n");
  CHECK(shown({{"KEPT", "file"}}) ==
        "source events topic\nsource kept file csv\nstage dear filter <events\nstage sums reduce <kept\n"
        "sink kept-out file <dear\n");
}

TEST_CASE("mistakes in a stage that lies outside are told at their place, for the end that they belong to") {
  std::string text = kText;
  text.replace(text.find("format: csv"), 11, "formt: csv, topic: x");
  CHECK(
      mistakes(text, {{"KEPT", "file"}}) ==
      "12:61 unknown-key: the file kept has no key \"formt\" (did you mean format?)\n"
      "12:73 unknown-key: the file kept has no key \"topic\" (its keys are type, input, inputs, path, schema, format, "
      "header, partitions, poll, chunk)\n");
  text = kText;
  text.replace(text.find("path: /dev/null, "), 17, "path: /dev/null, pth: x, ");
  const std::string both = mistakes(text, {{"KEPT", "file"}});
  CHECK_THAT(both, Catch::Contains("the file kept has no key \"pth\"") &&
                       Catch::Contains("the file kept-out has no key \"pth\""));
}

TEST_CASE("a stage of a sink's type that nothing reads back is a sink in the wrong section") {
  CHECK_THAT(mistakes("name: shop\nschemas: {event: {user: int64}}\nsources: {events: {type: file, schema: event}}\n"
                      "stages: {out: {type: file, input: events, path: out.jsonl}}\n"),
             Catch::Contains("there is no type of stage named \"file\""));
}
