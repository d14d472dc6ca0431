// What the files for systemd and Kubernetes say of Penstock is true of it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <regex>

#include "actors/servers/api_routes.h"
#include "cli/exit.h"

namespace penstock {
namespace {

std::string read(const std::string& name) {
  std::ifstream file(PENSTOCK_SOURCE_DIR + ("/" + name));
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The value of the first line `key=value`, or whatever the pattern catches.
std::string find(const std::string& text, const std::string& pattern) {
  std::smatch found;
  REQUIRE(std::regex_search(text, found, std::regex(pattern)));
  return found[1];
}

bool is_route(const std::string& path) {
  return std::any_of(api_routes().begin(), api_routes().end(),
                     [&](const ApiRoute& route) { return route.method == "GET" && route.path == path; });
}

TEST_CASE("Kubernetes probes paths that there are, each for its purpose") {
  const std::string manifest = read("config/deploy/kubernetes.yaml");
  const std::string probe = R"(Probe:\s+httpGet: \{path: ([^,]+), port: http\})";
  CHECK(find(manifest, "liveness" + probe) == "/live");
  CHECK(find(manifest, "startup" + probe) == "/live");
  CHECK(find(manifest, "readiness" + probe) == "/ready");
  for (const char* path : {"/live", "/ready", "/metrics"})
    CHECK(is_route(path));
  CHECK(find(manifest, R"(prometheus.io/path: (\S+))") == "/metrics");
}

TEST_CASE("Kubernetes is more patient than the node with itself") {
  const std::string manifest = read("config/deploy/kubernetes.yaml");
  const int period = std::stoi(find(manifest, R"(livenessProbe:[^P]*periodSeconds: (\d+))"));
  const int failures = std::stoi(find(manifest, R"(livenessProbe:[^P]*failureThreshold: (\d+))"));
  CHECK(30 + period * (failures - 1) >= 60);  // fails from stall_timeout on, 30 s; the node ends itself after 60 s
}

TEST_CASE("systemd does not restart what stays wrong, and is more patient than the node with itself") {
  const std::string unit = read("config/deploy/penstock.service");
  CHECK(find(unit, "RestartPreventExitStatus=(.*)") == std::to_string(cli::Exit::kUsage) + " " +
                                                           std::to_string(cli::Exit::kBadInput) + " " +
                                                           std::to_string(cli::Exit::kNoInput));
  CHECK(find(unit, "\nType=(.*)") == "notify");
  CHECK(std::stoi(find(unit, "WatchdogSec=(.*)")) >= 90);
}

TEST_CASE("the exit codes of the manual are those of the program") {
  const std::string manual = read("docs/operations.md");
  for (const int code : {kExitOk, kExitUsage, kExitBadInput, kExitNoInput, kExitUnavailable, kExitSoftware,
                         kExitCannotCreate, kExitIo, kExitTemporary, kExitInterrupted})
    CHECK_THAT(manual, Catch::Contains("\n| " + std::to_string(code) + " | "));
}

}  // namespace
}  // namespace penstock
