#include "topology/check.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "small_catalogue.h"

using namespace penstock::topology;
using penstock::topology::testing::check_text;
using penstock::topology::testing::mistakes;

namespace {

const std::string kStart =
    "name: shop\n"                                                                        // 1
    "schemas:\n"                                                                          // 2
    "  event: {user: int64, item: int64, kind: string, price: float64, at: timestamp}\n"  // 3
    "sources:\n"                                                                          // 4
    "  events: {type: file, schema: event}\n"                                             // 5
    "servers:\n"                                                                          // 6
    "  api: {type: http}\n";                                                              // 7

// kStart and a model, so that the source is read, and then `more`, which begins in line 10.
std::string shop(const std::string& more) {
  return kStart + "models:\n  taste: {type: als, input: events, user: user, item: item}\n" + more;
}

}  // namespace

TEST_CASE("a right topology has no mistakes, and its components are in flow order with defaults") {
  const CheckResult result =
      check_text(shop("stages:\n"
                      "  sums: {type: reduce, input: dear, group_by: [user], aggregates: {n: count(*)}}\n"
                      "  dear: {type: filter, input: events, where: price > 10}\n"));
  REQUIRE(testing::to_lines(result.diagnostics) == "");
  const CheckedTopology& topology = *result.topology;
  std::string ids;
  for (const BoundComponent& bound : topology.components)
    ids += bound.component.id + " ";
  CHECK(ids == "events dear sums taste api ");
  CHECK(topology.name == "shop");
  CHECK(topology.find("taste")->component.integer("factors") == 64);
  CHECK(topology.find("taste")->component.properties.find("factors")->second.defaulted);
  CHECK(topology.find("sums")->binding.output->to_string() == "user int64, n int64!");
  CHECK(std::get<penstock::Bytes>(topology.settings.find("memory_budget")->second.value).count == 2ull << 30);
  CHECK(topology.find("nobody") == nullptr);
}

TEST_CASE("unknown keys are errors at every level, with the nearest known one") {
  CHECK(mistakes(shop("stagse:\n  x: {type: filter}\n")) ==
        "10:1 unknown-key: a topology has no key \"stagse\" (did you mean stages?)\n");
  CHECK(mistakes(shop("sinks:\n  out: {type: file, input: events, pth: x, path: out}\n")) ==
        "11:36 unknown-key: the file out has no key \"pth\" (did you mean path?)\n");
  CHECK(mistakes(shop("settings: {memory_buget: 1GiB}\n")) ==
        "10:12 unknown-key: settings has no key \"memory_buget\" (did you mean memory_budget?)\n");
  CHECK(mistakes(shop("settings: {colour: red}\n")) ==
        "10:12 unknown-key: settings has no key \"colour\" (its keys are memory_budget, in_flight_bytes)\n");
}

TEST_CASE("a name is needed and has a form") {
  CHECK(mistakes("sources:\n  a: {type: file, schema: s}\nschemas:\n  s: {x: int64}\n") ==
        "1:1 missing-key: a topology needs the key name (write `name: food-delivery`, say)\n");
  const std::string form =
      "cannot be a name (names begin with a small letter and consist of small letters, digits, _ and -)\n";
  CHECK(mistakes("name: My Shop\nsources: {}\n").find("1:7 bad-id: \"My Shop\" " + form) != std::string::npos);
  CHECK(mistakes(shop("sinks:\n  Out: {type: file, input: events, path: out}\n")) == "11:3 bad-id: \"Out\" " + form);
  CHECK(mistakes("name: x\n") ==
        "1:1 missing-key: a topology needs the key sources (without a source nothing would flow)\n");
}

TEST_CASE("all components share one set of names") {
  CHECK(mistakes(shop("sinks:\n  taste: {type: file, input: events, path: out}\n")) ==
        "9:3 duplicate-id: the name taste is taken; it was declared in line 11 (all components share one set of "
        "names)\n");
}

TEST_CASE("an unknown type gives the nearest one, or the section it belongs to") {
  CHECK(mistakes(shop("stages:\n  x: {type: fliter, input: events, where: price > 1}\n"))
            .find("11:13 unknown-type: there is no type of stage named \"fliter\" (did you mean filter?)\n") == 0);
  CHECK(mistakes(shop("stages:\n  x: {type: als, input: events}\n"))
            .find("11:13 unknown-type: there is no type of stage named \"als\" (als is the type of a model; declare it "
                  "under models:)\n") == 0);
  CHECK(mistakes(shop("sinks:\n  x: {type: kafka, input: events}\n")) ==
        "11:13 unknown-type: there is no type of sink named \"kafka\" (the types of sinks are file)\n");
  CHECK(mistakes(shop("sinks:\n  x: {input: events}\n")) ==
        "11:3 missing-key: the sink x needs a type (the types of sinks are file)\n");
  CHECK(mistakes(shop("sinks:\n  x: 5\n")) ==
        "11:6 wrong-type: the sink x must be a map with a type (the types of sinks are file)\n");
  CHECK(mistakes(shop("sinks: [x]\n")) ==
        "10:8 wrong-type: sinks must be a map from names to declarations (write `some_name: {type: ...}` below it, "
        "say)\n");
}

TEST_CASE("a value of the wrong kind says what it is and what it must be") {
  const auto model = [](const std::string& property) {
    return mistakes(kStart + "models:\n  m: {type: als, input: events, user: user, item: item, " + property + "}\n");
  };
  CHECK(model("factors: many") ==
        "9:66 wrong-type: factors must be a whole number of factors such as 64, but is \"many\"\n");
  CHECK(model("factors: 6.5") ==
        "9:66 wrong-type: factors must be a whole number of factors such as 64, but is \"6.5\"\n");
  CHECK(model("factors: '64'") ==
        "9:66 wrong-type: factors must be a whole number of factors such as 64, but is the quoted text \"64\" (remove "
        "the quotes)\n");
  CHECK(model("factors:") ==
        "9:57 wrong-type: factors must be a whole number of factors such as 64, but has no value\n");
  CHECK(model("factors: [1]") ==
        "9:66 wrong-type: factors must be a whole number of factors such as 64, but is a list\n");
  CHECK(model("factors: {a: 1}") ==
        "9:66 wrong-type: factors must be a whole number of factors such as 64, but is a map\n");
  CHECK(model("factors: 99999999999999999999") ==
        "9:66 wrong-type: factors must be a whole number of factors such as 64, but is \"99999999999999999999\"\n");
  CHECK(model("factors: 010") == "");
  CHECK(model("regularization: high") ==
        "9:73 wrong-type: regularization must be a number such as 0.01, but is \"high\"\n");
  CHECK(model("regularization: .nan") ==
        "9:73 wrong-type: regularization must be a number such as 0.01, but is \".nan\"\n");
  CHECK(model("regularization: 1e-3") == "");
  const auto source = [](const std::string& property) {
    return mistakes(
        "name: x\nschemas: {e: {u: int64, i: int64}}\nmodels: {m: {type: als, input: s, user: u, item: i}}\n"
        "sources:\n  s: {type: file, schema: e, " +
        property + "}\n");
  };
  CHECK(source("header: yes") == "5:38 wrong-type: header must be true or false, but is \"yes\" (write true)\n");
  CHECK(source("poll: 50") ==
        "5:36 wrong-type: poll must be a duration such as 100ms (units us, ms, s, m, h, d), but is \"50\"\n");
  CHECK(source("chunk: 5 apples") ==
        "5:37 wrong-type: chunk must be a size such as 1MiB (units B, KiB, MiB, GiB, TiB), but is \"5 apples\"\n");
  CHECK(source("format: cvs") == "5:38 unknown-choice: format cannot be \"cvs\" (did you mean csv?)\n");
  CHECK(source("format: [csv]") == "5:38 wrong-type: format must be one of jsonl, csv, but is a list\n");
  CHECK(mistakes(shop("stages:\n  r: {type: reduce, input: events, group_by: user, aggregates: {n: count(*)}}\n")) ==
        "11:46 wrong-type: group_by must be a list of columns, but is \"user\" (write [user])\n");
  CHECK(mistakes(shop("stages:\n  r: {type: reduce, input: events, aggregates: count(*)}\n")) ==
        "11:48 wrong-type: aggregates must be a map from names to SQL expressions, but is \"count(*)\"\n");
  CHECK(mistakes(shop("stages:\n  r: {type: filter, input: events, where: ''}\n")) ==
        "11:43 wrong-type: where must be a SQL expression, but is the quoted text \"\"\n");
}

TEST_CASE("a value outside its bounds says the bound") {
  const auto model = [](const std::string& property) {
    return mistakes(kStart + "models:\n  m: {type: als, input: events, user: user, item: item, " + property + "}\n");
  };
  CHECK(model("factors: 0") == "9:66 out-of-bounds: factors is 0, but must be at least 1\n");
  CHECK(model("factors: 5000") == "9:66 out-of-bounds: factors is 5000, but must be at most 1024\n");
  CHECK(model("regularization: -0.5") == "9:73 out-of-bounds: regularization is -0.5, but must be at least 0\n");
  CHECK(mistakes(shop("stages:\n  r: {type: sort, input: events, by: []}\n")) ==
        "11:38 out-of-bounds: by has 0 entries, but must have at least 1 entries\n");
  CHECK(mistakes(shop("settings: {memory_budget: 32MiB}\n")) ==
        "10:11 out-of-bounds: more in flight than there is memory\n");
}

TEST_CASE("a required property that is missing is named, with what it is") {
  CHECK(mistakes(shop("stages:\n  x: {type: filter, input: events}\n")) ==
        "11:3 missing-key: the filter x needs the key where (it is a SQL expression)\n");
}

TEST_CASE("inputs must exist, give rows, and be as many as the type takes") {
  const auto stage = [](const std::string& inputs) {
    return mistakes(shop("sinks:\n  x: {type: file, path: out" + inputs + "}\n"));
  };
  CHECK(stage(", input: evnets") ==
        "11:37 unknown-input: there is no source or stage \"evnets\" (did you mean events?)\n");
  CHECK(stage(", input: nothing-like-it") ==
        "11:37 unknown-input: there is no source or stage \"nothing-like-it\" (there are events)\n");
  CHECK(stage(", input: taste") ==
        "11:37 bad-input: taste is a model and gives no rows (an input is a source or a stage)\n");
  CHECK(stage("") == "11:3 missing-key: the file x needs the key input (it is the id of a source or stage)\n");
  CHECK(stage(", input: ") == "11:30 wrong-type: input must be the id of a component, but has no value\n");
  CHECK(stage(", input: [events]") == "11:37 wrong-type: input must be the id of a component, but is a list\n");
  CHECK(stage(", inputs: [events]") == "");
  CHECK(stage(", input: events, inputs: [events]") ==
        "11:45 bad-input: both input and inputs are given (keep one of them)\n");
  CHECK(mistakes(shop("stages:\n  a: {type: filter, input: events, where: price > 1}\nsinks:\n"
                      "  x: {type: file, path: out, inputs: [events, a]}\n")) ==
        "13:47 bad-input: the file x takes at most 1 input, but has 2 (a union makes one out of several)\n");
  CHECK(mistakes(shop("stages:\n  u: {type: union, inputs: [events]}\n"))
            .find("11:29 bad-input: the union u needs at least 2 inputs, but has 1\n") != std::string::npos);
  CHECK(mistakes(shop("stages:\n  u: {type: union, inputs: [events, events]}\n"))
            .find("11:37 bad-input: events is an input twice (remove one of them)\n") != std::string::npos);
  CHECK(mistakes(kStart + "models:\n  m: {type: als, input: api, user: user, item: item}\n")
            .find("9:25 bad-input: api is a server and gives no rows") != std::string::npos);
  CHECK(mistakes("name: x\nschemas: {e: {u: int64}}\nsources:\n  s: {type: file, schema: e, input: s}\n")
            .find("4:37 bad-input: the file s takes no input (remove it)\n") != std::string::npos);
}

TEST_CASE("a cycle is an error with its path") {
  CHECK(mistakes(shop("stages:\n"
                      "  a: {type: filter, input: c, where: price > 1}\n"
                      "  b: {type: filter, input: a, where: price > 1}\n"
                      "  c: {type: filter, input: b, where: price > 1}\n")) ==
        "12:28 cycle: these stages read each other in a circle: a → b → c → a (rows must flow from sources to sinks; "
        "remove one "
        "of these inputs)\n");
  CHECK(mistakes(shop("stages:\n  a: {type: filter, input: a, where: price > 1}\n"))
            .find("11:28 cycle: these stages read each other in a circle: a → a") == 0);
}

TEST_CASE("what nothing reads is a warning") {
  CHECK(mistakes(kStart) == "warning 5:3 unused: nothing reads the source events (its events are only stored)\n");
  CHECK(mistakes(shop("stages:\n  a: {type: filter, input: events, where: price > 1}\n")) ==
        "warning 11:3 unused: nothing reads the stage a (end it in a reduce, a sink or a model, or remove it)\n");
  CHECK(mistakes(shop("stages:\n  r: {type: reduce, input: events, aggregates: {n: count(*)}}\n")) == "");
  CHECK(mistakes("schemas: {old: {a: int64}, event: {a: int64}}\nname: x\nsources: {s: {type: file, schema: event}}\n"
                 "sinks: {o: {type: file, input: s, path: o}}\n") ==
        "warning 1:11 unused: nothing uses the schema old (remove it)\n");
}

TEST_CASE("schemas: types, forms and names are checked") {
  const auto schema = [](const std::string& columns) {
    return mistakes("name: x\nschemas:\n  e: " + columns +
                    "\nsources: {s: {type: file, schema: e}}\n"
                    "sinks: {o: {type: file, input: s, path: o}}\n");
  };
  CHECK(schema("{a: {type: string, required: true}, b: json}") == "");
  const std::string all = "the types are bool, int64, float64, string, timestamp, json)\n";
  CHECK(schema("{a: integer}") == "3:10 unknown-type: \"integer\" is no type of a column (did you mean int64? " + all);
  CHECK(schema("{a: stirng}") == "3:10 unknown-type: \"stirng\" is no type of a column (did you mean string? " + all);
  CHECK(schema("{a: blob}") == "3:10 unknown-type: \"blob\" is no type of a column (" + all);
  CHECK(schema("{a: [int64]}") == "3:10 wrong-type: the type of a must be one word (" + all);
  CHECK(schema("{a: }") == "3:7 missing-key: the column a needs a type (write `a: int64`, say)\n");
  CHECK(schema("{a: {required: true}}") ==
        "3:7 missing-key: the column a needs a type (write `a: {type: int64}`, say)\n");
  CHECK(schema("{a: {type: int64, requird: true}}") ==
        "3:24 unknown-key: the column a has no key \"requird\" (did you mean required?)\n");
  CHECK(schema("{a: {type: int64, required: maybe}}") ==
        "3:34 wrong-type: required must be true or false, but is \"maybe\"\n");
  CHECK(schema("{a: {type: string, one_of: [x]}}") ==
        "3:25 not-supported: one_of (allowed values of a column) is not supported yet (remove it, and check it with a "
        "validate stage: `a: {one_of: [...]}`)\n");
  CHECK(
      schema("{}") ==
      "3:3 wrong-type: the schema e must be a map from columns to types (write `e: {id: int64, name: string}`, say)\n");
  CHECK(mistakes("name: x\nschemas: {event: {a: int64}}\nsources: {s: {type: file, schema: evnet}}\n"
                 "sinks: {o: {type: file, input: s, path: o}}\n")
            .find("3:35 unknown-schema: there is no schema \"evnet\" (did you mean event?)\n") != std::string::npos);
}

TEST_CASE("expressions are checked along the flow, each mistake at its own place") {
  CHECK(mistakes(shop("stages:\n"
                      "  a: {type: map, input: events, add: {total: price * 2}}\n"
                      "  b:\n"
                      "    type: filter\n"
                      "    input: a\n"
                      "    where: |\n"
                      "      total > 5\n"
                      "      AND totl < 7\n"
                      "sinks:\n  o: {type: file, input: b, path: o}\n"))
            .find("17:11 bad-expression: ") == 0);
  CHECK(mistakes(shop("stages:\n  r: {type: filter, input: events, where: price}\n")) ==
        "11:43 wrong-type: where must be bool, but this expression is float64 (compare it with something, as in "
        "`minutes > 30`)\n");
  CHECK(mistakes(shop("stages:\n  r: {type: filter, input: events, where: \"kind = 'a' AND AND\"}\n"))
            .find("11:59 bad-expression: ") == 0);
  CHECK(mistakes(shop(
            "stages:\n  r: {type: reduce, input: events, group_by: [usr, item, item], aggregates: {n: count(*)}}\n")) ==
        "11:47 unknown-column: there is no column \"usr\" (did you mean user?)\n"
        "11:58 duplicate-column: the column item is there twice (remove one of them)\n");
  CHECK(mistakes(shop("stages:\n  r: {type: sort, input: events, by: [price down, prise desc]}\n"))
            .find("11:39 wrong-type: \"price down\" is no order (") == 0);
  CHECK(mistakes(kStart + "models:\n  m: {type: als, input: events, user: price, item: item}\n") ==
        "9:39 wrong-type: the column price is float64, but int64 or string is needed here\n");
}

TEST_CASE("a component whose input has mistakes is still checked for what can be") {
  CHECK(mistakes(shop("stages:\n"
                      "  a: {type: reduce, input: evnets, aggregates: {n: count(*)}}\n"
                      "  b: {type: sort, input: a, by: [anything], limit: none}\n")) ==
        "11:28 unknown-input: there is no source or stage \"evnets\" (did you mean events?)\n"
        "12:52 wrong-type: limit must be a whole number of rows such as 8, but is \"none\"\n");
}

TEST_CASE("files must be there") {
  std::ofstream("topology_test_data.jsonl") << "{}\n";
  const auto source = [](const std::string& path) {
    return mistakes(
        "name: x\nschemas: {e: {u: int64}}\nsinks: {o: {type: file, input: s, path: o}}\n"
        "sources:\n  s: {type: file, schema: e, path: " +
        path + "}\n");
  };
  CHECK(source("topology_test_data.jsonl") == "");
  CHECK(source("topology_test_dat*.jsonl") == "");
  CHECK(source("no-such.jsonl") ==
        "5:36 missing-file: there is no file no-such.jsonl (a relative path starts at the folder of the topology "
        "file)\n");
  CHECK(source("/no-such/*.jsonl") == "5:36 missing-file: no file matches /no-such/*.jsonl\n");
  CHECK(source("/tmp") == "5:36 missing-file: /tmp is a folder, not a file (name a file, or /tmp/*)\n");
  CHECK(mistakes(shop("sinks:\n  x: {type: file, input: events, path: no/such/folder/out}\n")) ==
        "11:40 missing-file: there is no folder no/such/folder (create it first)\n");
  std::remove("topology_test_data.jsonl");
}

TEST_CASE("a component that a property names must exist") {
  CHECK(mistakes("name: x\nschemas: {e: {u: int64, i: int64}}\nsources: {s: {type: file, schema: e}}\n"
                 "models: {taste: {type: als, input: s, user: u, item: i}}\n"
                 "servers:\n  api: {type: http, model: tatse}\n") ==
        "6:28 unknown-component: there is no component \"tatse\" (did you mean taste?)\n");
}

TEST_CASE("many mistakes are all reported at once, by place") {
  CHECK(mistakes("nam: shop\n"
                 "schemas:\n"
                 "  event: {user: in64, item: int64}\n"
                 "sources:\n"
                 "  events: {type: fil, schema: event}\n"
                 "  Others: {type: file, schema: evnt, poll: soon}\n"
                 "stages:\n"
                 "  a: {type: filter, input: b, where: 1 = 1, wher: x}\n"
                 "  b: {type: filter, input: a}\n"
                 "models:\n"
                 "  m: {type: als, input: events, user: user, factors: -3}\n"
                 "settings: {memory_budget: lots}\n") ==
        "1:1 unknown-key: a topology has no key \"nam\" (did you mean name?)\n"
        "1:1 missing-key: a topology needs the key name (write `name: food-delivery`, say)\n"
        "3:17 unknown-type: \"in64\" is no type of a column (did you mean int64? the types are bool, int64, float64, "
        "string, "
        "timestamp, json)\n"
        "5:18 unknown-type: there is no type of source named \"fil\" (did you mean file?)\n"
        "6:3 bad-id: \"Others\" cannot be a name (names begin with a small letter and consist of small letters, "
        "digits, _ and -)\n"
        "6:32 unknown-schema: there is no schema \"evnt\" (did you mean event?)\n"
        "6:44 wrong-type: poll must be a duration such as 100ms (units us, ms, s, m, h, d), but is \"soon\"\n"
        "8:45 unknown-key: the filter a has no key \"wher\" (did you mean where?)\n"
        "9:3 missing-key: the filter b needs the key where (it is a SQL expression)\n"
        "9:28 cycle: these stages read each other in a circle: a → b → a (rows must flow from sources to sinks; remove "
        "one of "
        "these inputs)\n"
        "11:3 missing-key: the als m needs the key item (it is the name of a column)\n"
        "11:54 out-of-bounds: factors is -3, but must be at least 1\n"
        "12:27 wrong-type: memory_budget must be a size such as 2GiB (units B, KiB, MiB, GiB, TiB), but is \"lots\"\n");
}

TEST_CASE("a variable may be a whole value of any kind, or a part of an expression") {
  const std::map<std::string, std::string> variables = {{"FACTORS", "16"}, {"LIMIT", "5"}};
  CHECK(mistakes(shop("stages:\n  f: {type: filter, input: events, where: \"price > ${LIMIT} AND nothing\"}\n"),
                 variables)
            .find("11:65 bad-expression") == 0);
  CHECK(mistakes(kStart + "models:\n  m: {type: als, input: events, user: user, item: item, factors: \"${FACTORS}\"}\n",
                 variables) == "");
  CHECK(mistakes(kStart + "models:\n  m: {type: als, input: events, user: user, item: item, factors: \"${NOBODY}\"}\n")
            .find("9:67 missing-variable: the environment variable NOBODY is not set") == 0);
}

TEST_CASE("more components, columns or entries than a node can use are refused") {
  const auto many = [](size_t n, const std::string& before, const std::string& after) {
    std::string out;
    for (size_t i = 0; i < n; ++i)
      out += before + std::to_string(i) + after;
    return out;
  };
  CHECK(mistakes("name: x\nsources:\n" + many(2000, "  s", ": {type: file, schema: nobody}\n"))
            .find("too-large: a topology has at most 1000 components") != std::string::npos);
  CHECK(mistakes("name: x\nschemas:\n  e:\n" + many(2000, "    c", ": int64\n"))
            .find("too-large: a schema has at most 1000 columns") != std::string::npos);
  CHECK(mistakes("name: x\nschemas:\n" + many(2000, "  e", ": {c: int64}\n"))
            .find("too-large: a topology has at most 1000 schemas") != std::string::npos);
  CHECK(mistakes(shop("stages:\n  r: {type: reduce, input: events, group_by: [" + many(2000, "c", ", ") +
                      "d], aggregates: {n: count(*)}}\n")) == "11:46 too-large: group_by has more than 1000 entries\n");
  CHECK(mistakes(shop("stages:\n  u: {type: union, inputs: [" + many(2000, "c", ", ") + "d]}\n"))
            .find("too-large: inputs has more than 1000 entries") != std::string::npos);
}

TEST_CASE("every prefix of a topology gets an answer") {
  const std::string text = shop(
      "stages:\n"
      "  a: {type: map, input: events, add: {total: price * 2}}\n"
      "  b: {type: reduce, input: a, group_by: [user], aggregates: {t: sum(total)}}\n"
      "  c:\n    type: query\n    sql: >-\n      SELECT \"user\", t FROM b\n      WHERE t > 5 ORDER BY t DESC LIMIT "
      "3\n");
  REQUIRE(mistakes(text) == "");
  for (size_t length = 0; length < text.size(); length += 3) {
    const CheckResult result = check_text(text.substr(0, length));
    CHECK(result.topology.has_value() != result.diagnostics.any_errors());
  }
}
