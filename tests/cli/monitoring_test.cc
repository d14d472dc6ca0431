#include "cli/monitoring.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/temporary_folder.h"

namespace penstock::cli {
namespace {

struct Fixture {
  test::TemporaryFolder folder;
  std::ostringstream out;

  MonitoringFilesOptions options() {
    MonitoringFilesOptions made;
    made.folder = folder / "watch";
    made.files.dashboards.clear();
    return made;
  }
  std::string text(const std::string& file) {
    std::ostringstream content;
    content << std::ifstream(folder / "watch/" + file).rdbuf();
    return content.str();
  }
};

TEST_CASE_METHOD(Fixture, "monitoring writes dashboards, rules and configurations to a folder that it makes") {
  REQUIRE(write_monitoring(options(), out).ok());
  CHECK_THAT(text("grafana/dashboards/penstock-overview.json"), Catch::StartsWith("{"));
  CHECK_THAT(text("prometheus.yml"), Catch::Contains("alerts/*.yaml") && Catch::Contains("'localhost:8080'"));
  CHECK_THAT(text("alerts/node.yaml"), Catch::Contains("PenstockNodeDown"));
  CHECK_THAT(text("grafana/provisioning/dashboards/penstock.yaml"),
             Catch::Contains(std::filesystem::absolute(folder / "watch/grafana/dashboards").string()));
  CHECK_THAT(out.str(), Catch::Contains("0 were as they are to be"));
}

TEST_CASE_METHOD(Fixture, "monitoring leaves what is as it is to be, and what somebody changed unless it is forced") {
  REQUIRE(write_monitoring(options(), out).ok());
  REQUIRE(write_monitoring(options(), out).ok());
  CHECK_THAT(out.str(), Catch::Contains("\n0 files written"));

  std::ofstream(folder / "watch/prometheus.yml") << "mine";
  const Status refused = write_monitoring(options(), out);
  CHECK(refused.code() == Code::kAlreadyExists);
  CHECK_THAT(refused.message(), Catch::Contains("prometheus.yml") && Catch::Contains("--force"));
  CHECK(text("prometheus.yml") == "mine");

  MonitoringFilesOptions forced = options();
  forced.force = true;
  REQUIRE(write_monitoring(forced, out).ok());
  CHECK_THAT(text("prometheus.yml"), Catch::Contains("scrape_configs"));
}

TEST_CASE_METHOD(Fixture, "monitoring says what an address that it does not take should look like") {
  MonitoringFilesOptions wrong = options();
  wrong.files.node = "http://shop:8080";
  const Status refused = write_monitoring(wrong, out);
  CHECK(refused.code() == Code::kInvalidArgument);
  CHECK_THAT(refused.message(), Catch::Contains("--node http://shop:8080") && Catch::Contains("localhost:8080"));
  CHECK_FALSE(std::filesystem::exists(folder / "watch"));
}

}  // namespace
}  // namespace penstock::cli
