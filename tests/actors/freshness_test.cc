#include "actors/regions/freshness.h"

#include <catch2/catch.hpp>

using namespace penstock;

namespace {

constexpr int64_t kNever = INT64_MAX;

}  // namespace

TEST_CASE("a wait ends when every region that reads the log is past it") {
  Freshness freshness;
  freshness.add_reader("events", "a");
  freshness.add_reader("events", "b");
  int done = 0;
  freshness.wait("events", {{Partition(0), Offset(10)}}, kNever, [&] { ++done; });
  freshness.processed("events", "a", Partition(0), Offset(12));
  CHECK(done == 0);
  freshness.processed("events", "b", Partition(0), Offset(9));
  CHECK(done == 0);
  freshness.processed("events", "b", Partition(0), Offset(10));
  CHECK(done == 1);
  freshness.processed("events", "b", Partition(0), Offset(20));
  CHECK(done == 1);
}

TEST_CASE("a wait for what is taken in already ends at once") {
  Freshness freshness;
  freshness.add_reader("events", "a");
  freshness.processed("events", "a", Partition(1), Offset(5));
  int done = 0;
  freshness.wait("events", {{Partition(1), Offset(5)}}, kNever, [&] { ++done; });
  CHECK(done == 1);
}

TEST_CASE("a wait on a log that no region reads ends at once") {
  Freshness freshness;
  int done = 0;
  freshness.wait("lake", {{Partition(0), Offset(5)}}, kNever, [&] { ++done; });
  CHECK(done == 1);
}

TEST_CASE("a wait ends at its deadline though the region lags") {
  Freshness freshness;
  freshness.add_reader("events", "a");
  int done = 0;
  freshness.wait("events", {{Partition(0), Offset(5)}}, 100, [&] { ++done; });
  freshness.expire(99);
  CHECK(done == 0);
  freshness.expire(100);
  CHECK(done == 1);
}
