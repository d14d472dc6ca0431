// Batch runs over HTTP.
#include <catch2/catch.hpp>

#include "tests/servers/api_fixture.h"
#include "tests/servers/fake_batches.h"

namespace penstock {
namespace {

struct Fixture : test::ApiFixture {
  test::FakeBatches batches;
  Fixture() { node.batches_ = &batches; }
};

TEST_CASE_METHOD(Fixture, "a view is recomputed, and the run's own address tells how it goes") {
  const auto begun = ask("POST", "/v1/views/failures/recompute");
  REQUIRE(begun);
  CHECK(begun->status == 202);
  CHECK_THAT(begun->body, Catch::Contains(R"("run":"failures-1","view":"failures","purpose":"land")") &&
                              Catch::Contains(R"("version":null)"));
  CHECK(detail(post("/v1/views/failures/reconcile")) == "409 the run failures-1 of view \\\"failures\\\" is under way");
  batches.finish();
  CHECK_THAT(get("/v1/batch-runs/failures-1"),
             Catch::Contains(R"("state":"done")") && Catch::Contains(R"("version":1)"));
  CHECK_THAT(get("/v1/batch-runs"), Catch::StartsWith(R"(200 {"runs":[{"run":"failures-1")"));
}

TEST_CASE_METHOD(Fixture, "differences between history and view are shown row by row") {
  CHECK(post("/v1/views/failures/reconcile").substr(0, 3) == "202");
  batches.finish();
  CHECK_THAT(get("/v1/batch-runs/failures-1"),
             Catch::Contains(R"("differences":1,"first_differences":[{"history":{"city":"Ulm","n":3},"view":null}])"));
}

TEST_CASE_METHOD(Fixture, "a run is cancelled while it is under way") {
  CHECK(post("/v1/views/failures/recompute").substr(0, 3) == "202");
  CHECK_THAT(post("/v1/batch-runs/failures-1/cancel"), Catch::Contains(R"("state":"cancelled")"));
  CHECK(detail(post("/v1/batch-runs/failures-1/cancel")) == "404 there is no run \\\"failures-1\\\" under way");
}

TEST_CASE_METHOD(Fixture, "what is wrong with a request for a batch run is told") {
  CHECK(detail(post("/v1/views/failure/reconcile")) ==
        "404 there is no view \\\"failure\\\"; did you mean \\\"failures\\\"?");
  CHECK(detail(post("/v1/views/top/recompute")) ==
        "409 the view \\\"top\\\" is a sort, which cannot be recomputed; a reduce can");
  CHECK(get("/v1/batch-runs/failures-9").substr(0, 3) == "404");
  node.batches_ = nullptr;
  CHECK(get("/v1/batch-runs").substr(0, 3) == "404");
}

}  // namespace
}  // namespace penstock
