// The topologies that are shipped, by the program itself.
#include <catch2/catch.hpp>

#include "tests/support/process.h"

namespace penstock::test {

TEST_CASE("every system that is shipped has no mistakes, and its own tests pass", "[integration]") {
  for (const char* name : {"food-delivery", "als-saas", "personalization", "ecommerce-realtime", "feedback-offers"}) {
    for (const char* verb : {"check", "test"}) {
      const Finished finished = run_to_end(
          {{PENSTOCK_BINARY, verb, PENSTOCK_SOURCE_DIR "/config/topologies/" + std::string(name) + ".yaml"}});
      INFO(name << "\n" << finished.out << finished.err);
      CHECK(finished.code == 0);
      CHECK_THAT(finished.out + finished.err, !Catch::Contains("warning"));
    }
  }
}

}  // namespace penstock::test
