// Wrong input, tried by hand as a user would get it wrong: each gives one clear message with the right exit code, and
// never a crash.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

Finished penstock(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), PENSTOCK_BINARY);
  return run_to_end({.arguments = std::move(arguments)});
}

void check_no_crash(const Finished& finished) {
  CHECK(finished.code >= 0);
  CHECK(finished.code < 128);  // 128 + signal: it crashed
  for (const char* trace : {"Sanitizer", "terminate called", "Assertion", "#0 "})
    CHECK_THAT(finished.err, !Catch::Contains(trace));
}

const char* const kGood =
    "name: small\n"
    "sources:\n"
    "  shop: {type: synthetic, events: 100}\n"
    "stages:\n"
    "  bought: {type: filter, input: shop, where: event = 'purchase'}\n";

TEST_CASE("a good topology passes the check", "[integration]") {
  const TemporaryFolder folder;
  const Finished good = penstock({"check", folder.write("good.yaml", kGood)});
  INFO(good.out << good.err);
  CHECK(good.code == 0);
}

TEST_CASE("the topologies of this repository and of its README pass the check", "[integration]") {
  const TemporaryFolder folder;
  std::ifstream readme(PENSTOCK_SOURCE_DIR "/README.md");
  const std::string text((std::istreambuf_iterator<char>(readme)), std::istreambuf_iterator<char>());
  const size_t begin = text.find("```yaml\n") + 8;
  REQUIRE(begin > 8);
  const std::string shown = folder.write("readme.yaml", text.substr(begin, text.find("```", begin) - begin));
  for (const std::string& file : {shown, std::string(PENSTOCK_SOURCE_DIR "/config/topologies/demo.yaml")}) {
    const Finished good = penstock({"check", file});
    INFO(good.out << good.err);
    CHECK(good.code == 0);
  }
}

struct Wrong {
  const char* what;
  const char* topology;
  std::vector<const char*> told;  // parts of the message
};

TEST_CASE("a wrong topology is told with place and remedy, exit code 65", "[integration]") {
  const std::vector<Wrong> cases = {
      {"a misspelt key",
       "name: x\nsources:\n  shop: {type: synthetic, evnts: 100}\n",
       {":3:27: error[", "evnts", "events"}},
      {"a misspelt section", "name: x\nsuorces:\n  shop: {type: synthetic}\n", {":2:1: error[", "suorces", "sources"}},
      {"a misspelt type", "name: x\nsources:\n  shop: {type: synthetik}\n", {":3:", "synthetik", "synthetic"}},
      {"a wrong type of value", "name: x\nsources:\n  shop: {type: synthetic, events: many}\n", {":3:", "many"}},
      {"a number out of bounds", "name: x\nsources:\n  shop: {type: synthetic, users: 0}\n", {":3:", "users"}},
      {"a cycle",
       "name: x\nstages:\n  a: {type: filter, input: b, where: 'true'}\n  b: {type: filter, input: a, where: 'true'}\n",
       {"cycle", "a", "b"}},
      {"an unknown input",
       "name: x\nsources:\n  shop: {type: synthetic}\nstages:\n  a: {type: filter, input: shpo, where: 'true'}\n",
       {":5:", "shpo", "shop"}},
      {"an unknown column",
       "name: x\nsources:\n  shop: {type: synthetic}\nstages:\n  a: {type: filter, input: shop, where: pirce > 1}\n",
       {":5:", "pirce", "price"}},
      {"a condition that is none",
       "name: x\nsources:\n  shop: {type: synthetic}\nstages:\n  a: {type: filter, input: shop, where: price}\n",
       {":5:", "price"}},
      {"broken SQL",
       "name: x\nsources:\n  shop: {type: synthetic}\nstages:\n  a: {type: filter, input: shop, where: price > > 1}\n",
       {":5:"}},
      {"a missing file",
       "name: x\nschemas:\n  s: {a: string}\nsources:\n  f: {type: file, path: nowhere.csv, schema: s}\n",
       {"nowhere.csv"}},
      {"a key twice", "name: x\nname: y\nsources:\n  shop: {type: synthetic}\n", {":2:", "name"}},
      {"broken YAML", "name: x\nsources: [\n", {"error["}},
      {"nothing at all", "", {"error["}},
      {"a list", "- 1\n- 2\n", {"error["}},
      {"an unset variable",
       "name: x\nsources:\n  shop: {type: synthetic, events: \"${PENSTOCK_NO_SUCH}\"}\n",
       {":3:", "PENSTOCK_NO_SUCH"}},
  };
  const TemporaryFolder folder;
  for (const Wrong& wrong : cases) {
    const std::string file = folder.write("wrong.yaml", wrong.topology);
    for (const char* verb : {"check", "plan", "run", "evaluate"}) {
      const Finished told = penstock({verb, file});
      INFO(wrong.what << ", " << verb << "\n" << told.out << told.err);
      CHECK(told.code == 65);
      check_no_crash(told);
      for (const char* part : wrong.told)
        CHECK_THAT(told.out + told.err, Catch::Contains(part));
    }
  }
}

TEST_CASE("all mistakes of a file are told at once", "[integration]") {
  const TemporaryFolder folder;
  const std::string file = folder.write("wrong.yaml",
                                        "name: x\n"
                                        "sources:\n"
                                        "  shop: {type: synthetic, evnts: 100}\n"
                                        "stages:\n"
                                        "  a: {type: filter, input: shop, where: pirce > 1}\n"
                                        "  b: {type: fliter, input: shop}\n");
  const Finished told = penstock({"check", file});
  for (const char* part : {":3:", "evnts", ":5:", "pirce", ":6:", "fliter"})
    CHECK_THAT(told.out, Catch::Contains(part));
}

TEST_CASE("a topology cut off at any byte never crashes the check", "[integration]") {
  const TemporaryFolder folder;
  const std::string whole(kGood);
  for (size_t size = 0; size < whole.size(); size += 7)
    check_no_crash(penstock({"check", folder.write("cut.yaml", whole.substr(0, size))}));
}

TEST_CASE("a binary file is no topology", "[integration]") {
  const TemporaryFolder folder;
  std::string bytes;
  for (int i = 0; i < 4096; ++i)
    bytes += static_cast<char>(i * 37 % 256);
  const Finished binary = penstock({"check", folder.write("binary.yaml", bytes)});
  INFO(binary.out << binary.err);
  CHECK(binary.code == 65);
  check_no_crash(binary);
  CHECK(binary.out.size() + binary.err.size() < 2000);
  check_no_crash(penstock({"check", PENSTOCK_BINARY}));
}

TEST_CASE("a file that is not there, or a folder, is exit code 66", "[integration]") {
  const TemporaryFolder folder;
  for (const char* verb : {"check", "plan", "run", "evaluate"}) {
    const Finished missing = penstock({verb, folder / "none.yaml"});
    INFO(verb << "\n" << missing.out << missing.err);
    CHECK(missing.code == 66);
    CHECK_THAT(missing.out + missing.err, Catch::Contains("none.yaml"));
    const Finished a_folder = penstock({verb, folder.path()});
    CHECK(a_folder.code == 66);
    check_no_crash(a_folder);
  }
}

}  // namespace
}  // namespace penstock::test
