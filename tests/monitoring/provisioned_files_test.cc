#include "monitoring/provisioned_files.h"

#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace penstock::monitoring {
namespace {

namespace fs = std::filesystem;

template <class F>
void each_dashboard(F look) {
  for (const ProvisionedFile& file : grafana_files({})) {
    if (!file.path.ends_with(".json"))
      continue;
    rapidjson::Document json;
    json.Parse(file.text.data(), file.text.size());
    INFO(file.path);
    REQUIRE_FALSE(json.HasParseError());
    look(json);
  }
}

TEST_CASE("what lies in monitoring/ is what this version makes") {
  const fs::path folder = fs::path(PENSTOCK_SOURCE_DIR) / "monitoring";
  std::set<std::string> made;
  for (const ProvisionedFile& file : provisioned_files({})) {
    const fs::path path = folder / file.path;
    made.insert(file.path);
    if (std::getenv("PENSTOCK_UPDATE_DOCS") != nullptr) {
      fs::create_directories(path.parent_path());
      std::ofstream(path) << file.text;
    }
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    INFO("run the test with PENSTOCK_UPDATE_DOCS=1, or scripts/check.sh --fix, to write " << file.path << " anew");
    CHECK((text.str() == file.text));
  }
  for (const char* sub : {"grafana", "alerts"})
    for (const auto& entry : fs::recursive_directory_iterator(folder / sub))
      if (entry.is_regular_file()) {
        INFO("nothing makes " << entry.path());
        CHECK(made.contains(fs::relative(entry.path(), folder).string()));
      }
}

TEST_CASE("every dashboard is what Grafana takes: schema, uid, tags, variables, links to the others") {
  each_dashboard([](const rapidjson::Document& json) {
    CHECK(json["schemaVersion"].GetInt() >= 36);
    CHECK(json["uid"].GetStringLength() > 0);
    CHECK(json["tags"][0] == "penstock");
    CHECK(json["links"][0]["tags"][0] == "penstock");
    CHECK(json["links"][0]["includeVars"].GetBool());
    std::set<std::string> variables;
    for (const auto& variable : json["templating"]["list"].GetArray())
      variables.insert(variable["name"].GetString());
    for (const char* name : {"datasource", "topology", "instance", "runbook"})
      CHECK(variables.contains(name));
  });
}

TEST_CASE("panels as written have ids of their own, units, descriptions, and room of their own") {
  each_dashboard([](const rapidjson::Document& json) {
    std::set<int> ids;
    std::set<std::pair<int, int>> taken;
    for (const auto& panel : json["panels"].GetArray()) {
      INFO(panel["title"].GetString());
      CHECK(ids.insert(panel["id"].GetInt()).second);
      const auto& place = panel["gridPos"];
      for (int x = place["x"].GetInt(); x < place["x"].GetInt() + place["w"].GetInt(); ++x)
        for (int y = place["y"].GetInt(); y < place["y"].GetInt() + place["h"].GetInt(); ++y)
          CHECK(taken.insert({x, y}).second);
      if (panel["type"] == "row")
        continue;
      CHECK(panel["description"].GetStringLength() > 0);
      CHECK(panel["fieldConfig"]["defaults"]["unit"].GetStringLength() > 0);
      CHECK(panel["datasource"]["uid"] == "${datasource}");
      std::set<std::string> queries;
      for (const auto& target : panel["targets"].GetArray()) {
        CHECK(queries.insert(target["refId"].GetString()).second);
        CHECK(target["expr"].GetStringLength() > 0);
        CHECK(target["datasource"]["uid"] == "${datasource}");
      }
    }
  });
}

TEST_CASE("addresses that are given stand in the configurations") {
  MonitoringOptions options;
  options.node = "shop-1:9000", options.prometheus = "http://watch:9090", options.alertmanager = "watch:9093";
  options.runbook = "https://wiki/it's here", options.dashboards = "/srv/boards";
  std::string all;
  for (const ProvisionedFile& file : provisioned_files(options))
    all += file.text;
  for (const char* part :
       {"'shop-1:9000'", "'http://watch:9090'", "'watch:9093'", "'/srv/boards'", "\"https://wiki/it's here\""})
    CHECK_THAT(all, Catch::Contains(part));
}

}  // namespace
}  // namespace penstock::monitoring
