// The real binary's first impression: help, version, wrong command lines.
#include <catch2/catch.hpp>

#include "tests/support/process.h"

namespace penstock::test {
namespace {

Finished penstock(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), PENSTOCK_BINARY);
  return run_to_end({.arguments = std::move(arguments)});
}

TEST_CASE("penstock alone shows help with examples and exit codes", "[integration]") {
  const Finished help = penstock({});
  CHECK(help.code == 0);
  CHECK(help.err.empty());
  for (const char* part : {"Usage:", "Examples:", "penstock run config/topologies/demo.yaml", "Exit codes:", "130"})
    CHECK_THAT(help.out, Catch::Contains(part));
  CHECK(penstock({"--help"}).out == help.out);
}

TEST_CASE("penstock --version is one line", "[integration]") {
  const Finished version = penstock({"--version"});
  CHECK(version.code == 0);
  CHECK_THAT(version.out, Catch::StartsWith("penstock 0."));
  CHECK(version.out.find('\n') == version.out.size() - 1);
}

TEST_CASE("a wrong command line is told on stderr, with exit code 64", "[integration]") {
  const Finished wrong = penstock({"--no-such-option"});
  CHECK(wrong.code == 64);
  CHECK(wrong.out.empty());
  CHECK_THAT(wrong.err, Catch::Contains("--no-such-option") && Catch::Contains("penstock --help"));
}

TEST_CASE("output that cannot be written is an error", "[integration]") {
  const Finished full = run_to_end({.arguments = {"sh", "-c", "exec \"$0\" --help >/dev/full", PENSTOCK_BINARY}});
  CHECK(full.code == 74);
  CHECK_THAT(full.err, Catch::Contains("cannot write the output"));
}

}  // namespace
}  // namespace penstock::test
