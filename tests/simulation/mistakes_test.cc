// The simulation is able to fail: each of these mistakes, of the kind that it is there for, is found within 200 seeds.
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "tests/simulation/broken_stores.h"
#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

constexpr uint64_t kWithin = 200;

// The first seed whose outcome differs, or kWithin.
uint64_t found_at(const Mistakes& mistakes) {
  const FastFolder folder;
  Simulation simulation(folder.path(), mistakes);
  for (uint64_t seed = 0; seed < kWithin; ++seed)
    if (!simulation.run(seed).difference.empty())
      return seed;
  return kWithin;
}

// What a program built from a changed source says about the first seeds.
std::string output_of(const std::string& program) {
  const std::string command = program + " --from 0 --seeds " + std::to_string(kWithin) + " --until-failure 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string output;
  char buffer[4096];
  while (const size_t read = std::fread(buffer, 1, sizeof buffer, pipe))
    output.append(buffer, read);
  ::pclose(pipe);
  return output;
}

}  // namespace

TEST_CASE("simulation finds a position committed before the effect") { CHECK(found_at({position_first()}) < kWithin); }

TEST_CASE("simulation finds an effect committed before the position") { CHECK(found_at({position_last()}) < kWithin); }

TEST_CASE("simulation finds an acknowledgement before the commit") { CHECK(found_at({answer_first()}) < kWithin); }

TEST_CASE("simulation finds a restart that does not wait for commits under way") {
  CHECK(found_at({no_fence()}) < kWithin);
}

TEST_CASE("simulation finds state that is not restored") { CHECK(found_at({forgetful()}) < kWithin); }

TEST_CASE("simulation finds a refused commit that is taken for a made one") {
  CHECK(found_at({refusal_swallowed()}) < kWithin);
}

TEST_CASE("simulation finds a sink whose offset is committed before the outside is synced") {
  CHECK(found_at({.door = {}, .outside_forgets = true}) < kWithin);
}

TEST_CASE("simulation finds a marker that is passed over") {
  CHECK_THAT(output_of(PENSTOCK_WITHOUT_MARKER), Catch::Contains("FAILED seed"));
}

TEST_CASE("simulation finds rows of a later epoch that are not held back") {
  CHECK_THAT(output_of(PENSTOCK_WITHOUT_HOLDING), Catch::Contains("FAILED seed"));
}
