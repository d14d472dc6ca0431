// The operations on jobs, and what the command line makes of the answers.
#include <catch2/catch.hpp>
#include <sstream>

#include "cli/jobs_text.h"
#include "tests/servers/api_fixture.h"
#include "tests/servers/fake_jobs.h"

namespace penstock {
namespace {

struct Fixture : test::ApiFixture {
  test::FakeJobs jobs;
  Fixture() { node.jobs_ = &jobs; }
};

TEST_CASE_METHOD(Fixture, "jobs are listed, shown, run and cancelled") {
  CHECK_THAT(get("/v1/jobs"), Catch::Contains(R"("name":"nightly","schedule":"every 1h")") &&
                                  Catch::Contains(R"("after":["nightly"])") &&
                                  Catch::Contains(R"("next":"2026-01-01T01:00:00Z")"));
  CHECK_THAT(get("/v1/jobs/nightly"),
             Catch::Contains(R"("id":"nightly.1","job":"nightly","number":1,"state":"failed")"));
  CHECK_THAT(get("/v1/jobs/nightly?runs=0"), Catch::Contains(R"("runs":[])"));
  const auto begun = ask("POST", "/v1/jobs/nightly/run");
  REQUIRE(begun);
  CHECK(begun->status == 202);
  CHECK_THAT(begun->body, Catch::Contains(R"("id":"nightly.2")") && Catch::Contains(R"("state":"running")"));
  CHECK(detail(post("/v1/jobs/nightly/run")) == "409 job \\\"nightly\\\" is running already, as nightly.2");
  CHECK(post("/v1/jobs/nightly.2/cancel").substr(0, 3) == "202");
}

TEST_CASE_METHOD(Fixture, "what is wrong with a request about jobs is told") {
  CHECK(detail(get("/v1/jobs/nigthly")) == "404 there is no job \\\"nigthly\\\"; did you mean \\\"nightly\\\"?");
  CHECK(post("/v1/jobs/none/run").substr(0, 3) == "404");
  CHECK(detail(post("/v1/jobs/nightly/cancel")) == "409 job \\\"nightly\\\" is not running");
  CHECK(detail(post("/v1/jobs/nightly.9/cancel")) == "409 run \\\"nightly.9\\\" is not under way");
  node.jobs_ = nullptr;
  CHECK(get("/v1/jobs") == R"(200 {"jobs":[]})");
  CHECK(detail(get("/v1/jobs/nightly")) == "404 the topology has no jobs");
  CHECK(detail(post("/v1/jobs/nightly/run")) == "404 the topology has no jobs");
}

TEST_CASE_METHOD(Fixture, "the command line shows jobs and runs") {
  std::ostringstream list, job, run;
  REQUIRE(cli::print_jobs(ask("GET", "/v1/jobs")->body, list).ok());
  CHECK(list.str() ==
        "JOB      BEGINS                   NEXT                  STATE   LAST SUCCESS  RUNS\n"
        "nightly  every 1h                 2026-01-01T01:00:00Z  failed  -             taste, report\n"
        "export   at start, after nightly  -                     -       -             file\n");
  const std::string answer = ask("GET", "/v1/jobs/nightly")->body;
  REQUIRE(cli::print_job(answer, job).ok());
  CHECK_THAT(job.str(), Catch::Contains("nightly.1  manual  2026-01-01T00:00:00Z") &&
                            Catch::Contains("failed  taste: there is nothing to learn from"));
  REQUIRE(cli::print_run(answer, "nightly.1", run).ok());
  CHECK_THAT(run.str(), Catch::Contains("taste   failed") && Catch::Contains("report  cancelled"));
  CHECK(cli::print_run(answer, "nightly.4", run).code() == Code::kNotFound);
  CHECK(cli::print_jobs("[]", run).code() == Code::kInternal);
  (void)ask("POST", "/v1/jobs/nightly/run");
  const auto progress = cli::read_progress(ask("GET", "/v1/jobs/nightly")->body, "nightly.2");
  REQUIRE(progress.ok());
  CHECK(progress->state == "running");
  CHECK(progress->step == "taste");
  CHECK(progress->progress == 0);
}

}  // namespace
}  // namespace penstock
