// NEXMark on a whole node gives the answers that a plain recount of the events gives (bench/nexmark/recount.py), whatever the
// number of workers.
#include <catch2/catch.hpp>

#include "bench/nexmark/nexmark_run.h"
#include "tests/support/temporary_folder.h"

namespace penstock::bench {
namespace {

const std::string kQueries = PENSTOCK_SOURCE_DIR "/bench/nexmark";

void check_query(const std::string& query) {
  const auto expected = read_expected(kQueries + "/expected.txt");
  REQUIRE(expected.ok());
  // Side by side: the last windows close as the clock goes on.
  const test::TemporaryFolder folder;
  std::vector<std::unique_ptr<NexmarkRun>> runs;
  for (const int workers : {1, 2, 3}) {
    auto run =
        NexmarkRun::start(NexmarkRun::Options::checked(query, kQueries, folder / std::to_string(workers), workers));
    INFO(run.status().message());
    REQUIRE(run.ok());
    runs.push_back(std::move(*run));
  }
  for (size_t i = 0; i < runs.size(); ++i) {
    INFO(query << " with " << i + 1 << " workers");
    runs[i]->wait_until_read();
    const auto answer = runs[i]->wait_for(expected->at(query), 60);
    REQUIRE(answer.ok());
    CHECK(answer->to_string() == expected->at(query).to_string());
  }
}

}  // namespace

TEST_CASE("nexmark q0 passes every bid through") { check_query("q0"); }
TEST_CASE("nexmark q1 converts every price") { check_query("q1"); }
TEST_CASE("nexmark q2 selects bids") { check_query("q2"); }
TEST_CASE("nexmark q3 joins auctions with local people") { check_query("q3"); }
TEST_CASE("nexmark q4 averages the winning bids of each category") { check_query("q4"); }
TEST_CASE("nexmark q5 finds the hottest item of sliding windows") { check_query("q5"); }
TEST_CASE("nexmark q6 averages the winning bids of each seller") { check_query("q6"); }
TEST_CASE("nexmark q7 finds the highest bid of each window") { check_query("q7"); }
TEST_CASE("nexmark q8 finds who registered and sold in one window") { check_query("q8"); }

}  // namespace penstock::bench
