#include "cli/app.h"

#include <catch2/catch.hpp>
#include <vector>

#include "cli/version.h"

namespace penstock::cli {
namespace {

int run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "penstock");
  return run_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST_CASE("penstock without arguments, --help and --version succeed") {
  CHECK(run({}) == Exit::kOk);
  CHECK(run({"--help"}) == Exit::kOk);
  CHECK(run({"--version"}) == Exit::kOk);
}

TEST_CASE("a wrong command line is a usage error") {
  CHECK(run({"--no-such-option"}) == Exit::kUsage);
  CHECK(run({"no-such-verb"}) == Exit::kUsage);
}

TEST_CASE("the version names the commit and the build type") {
  CHECK_THAT(version_line(), Catch::StartsWith("penstock 0.") && Catch::Contains(" (commit ") && Catch::EndsWith(")"));
}

TEST_CASE("every kind of error has its exit code") {
  CHECK(exit_code(Code::kOk) == 0);
  CHECK(exit_code(Code::kInvalidArgument) == 65);
  CHECK(exit_code(Code::kNotFound) == 66);
  CHECK(exit_code(Code::kAlreadyExists) == 73);
  CHECK(exit_code(Code::kFailedPrecondition) == 73);
  CHECK(exit_code(Code::kResourceExhausted) == 75);
  CHECK(exit_code(Code::kUnavailable) == 69);
  CHECK(exit_code(Code::kDataLoss) == 74);
  CHECK(exit_code(Code::kCancelled) == 130);
  CHECK(exit_code(Code::kInternal) == 70);
}

TEST_CASE("a failure leaves its code, success changes nothing") {
  Exit exit;
  exit.fail(ok());
  CHECK(exit.code == 0);
  exit.fail(not_found("no topology \"x.yaml\""));
  CHECK(exit.code == 66);
}

}  // namespace
}  // namespace penstock::cli
