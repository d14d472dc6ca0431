// Real data end to end: MovieLens 100K, where its files are there.
#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTopology = PENSTOCK_SOURCE_DIR "/config/topologies/movielens.yaml";

/// The folder with u.data; empty (and a warning) where it is not there.
std::string movielens() {
  const char* set = std::getenv("PENSTOCK_DATA");
  const std::string folder =
      (set ? std::string(set) : std::string(PENSTOCK_SOURCE_DIR "/../shared/data")) + "/movielens-100k";
  if (std::filesystem::exists(folder + "/u.data"))
    return folder;
  WARN("skipped: no MovieLens 100K in " << folder << "; PENSTOCK_DATA names another folder");
  return {};
}

rapidjson::Document evaluate(const std::string& folder, const std::string& protocol) {
  const Finished finished = run_to_end({.arguments = {PENSTOCK_BINARY, "evaluate", kTopology, "--protocol", protocol,
                                                      "--seeds", "3", "--format", "json"},
                                        .environment = {{"MOVIELENS", folder}}});
  INFO(finished.err);
  REQUIRE(finished.code == 0);
  rapidjson::Document document;
  document.Parse(finished.out.c_str());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

double value(const rapidjson::Document& report, size_t model, const char* metric) {
  return report["models"][static_cast<rapidjson::SizeType>(model)]["metrics"][metric]["value"].GetDouble();
}

TEST_CASE("als on MovieLens 100K is as good as the best known ALS, most popular comes out exactly", "[integration]") {
  const std::string folder = movielens();
  if (folder.empty())
    return;
  const auto llo = evaluate(folder, "llo");
  CHECK(value(llo, 0, "ndcg@10") >= 0.0413);
  CHECK(value(llo, 1, "hr@10") == Approx(0.0498).margin(0.00005));
  CHECK(value(llo, 1, "ndcg@10") == Approx(0.0253).margin(0.00005));
  const auto r80 = evaluate(folder, "r80");
  CHECK(value(r80, 0, "recall@20") >= 0.452 - 0.0021);  // less the range over seeds of the figure to beat
}

TEST_CASE("the MovieLens topology serves recommendations and titles", "[integration]") {
  const std::string folder = movielens();
  if (folder.empty())
    return;
  const TemporaryFolder data;
  RunningNode node({.binary = PENSTOCK_BINARY,
                    .topology = kTopology,
                    .data_dir = data / "data",
                    .environment = {{"MOVIELENS", folder}, {"PORT", "0"}}});
  const bool ready = node.wait_until_ready();
  INFO(node.process().out() << node.process().err());
  REQUIRE(ready);
  CHECK_THAT(node.get("/v1/views/titles/50").body, Catch::Contains("Star Wars (1977)"));
  CHECK_THAT(node.get("/v1/views/titles/1").body, Catch::Contains("Toy Story (1995)"));
  CHECK_THAT(node.get("/v1/views/popularity/50").body, Catch::Contains("\"ratings\":583"));
  CHECK_THAT(node.get("/v1/users/196/recommendations?n=3").body, Catch::Contains("\"strategy\":\"taste\""));
  CHECK_THAT(node.get("/v1/items/50/similar?n=5").body, Catch::Contains("\"item\":\"181\""));  // Return of the Jedi
  CHECK(node.interrupt().code == 0);
}

}  // namespace
}  // namespace penstock::test
