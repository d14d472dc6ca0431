#include "cli/faults.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

#include "core/fault_points.h"

namespace penstock::cli {
namespace {

struct Environment {
  ~Environment() {
    unsetenv(kFaultsVariable);
    unsetenv(kFaultSeedVariable);
    clear_faults();
  }
};

TEST_CASE("every fault point is listed with its meaning, and how to switch it on") {
  std::ostringstream out;
  print_faults(out);
  for (const FaultPointInfo& info : kFaultPoints)
    CHECK_THAT(out.str(), Catch::Contains(std::string(info.name)) && Catch::Contains(std::string(info.meaning)));
  CHECK_THAT(out.str(), Catch::Contains("PENSTOCK_FAULTS=POINT:ACTION[:WHEN]"));
}

TEST_CASE_METHOD(Environment, "the environment switches faults on") {
  CHECK(*faults_from_environment() == "");
  CHECK(hit(FaultPoint::kTrain).ok());
  setenv(kFaultsVariable, "train:fail", 1);
  CHECK(*faults_from_environment() == "train:fail");
  CHECK_FALSE(hit(FaultPoint::kTrain).ok());
}

TEST_CASE_METHOD(Environment, "a wrong fault is refused and changes nothing") {
  setenv(kFaultsVariable, "trian:fail", 1);
  const Status wrong = faults_from_environment().status();
  CHECK(wrong.code() == Code::kInvalidArgument);
  CHECK_THAT(wrong.message(), Catch::Contains("PENSTOCK_FAULTS") && Catch::Contains("did you mean \"train\"?"));
  setenv(kFaultsVariable, "train:fail:0.5", 1);
  setenv(kFaultSeedVariable, "seven", 1);
  CHECK(faults_from_environment().status().message() ==
        "PENSTOCK_FAULT_SEED: expected a whole number, found \"seven\"");
  CHECK(hit(FaultPoint::kTrain).ok());
}

}  // namespace
}  // namespace penstock::cli
