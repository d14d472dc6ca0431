#include "cli/test.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>

#include "actors/components.h"
#include "actors/testing/run_test.h"
#include "cli/app.h"
#include "cli/load_topology.h"
#include "cli/table.h"
#include "messages/json_writer.h"
#include "topology/read_tests.h"

namespace penstock::cli {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string place_text(const std::string& file, topology::Place place) {
  return file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

class Report {
 public:
  Report(const std::string& file, const TestOptions& options, const Terminal& terminal, std::ostream& out)
      : file_(file), options_(options), terminal_(terminal), out_(out) {}

  void add(const topology::Test& test, const TestResult& result, double millis) {
    if (options_.json)
      return add_json(test, result, millis);
    const bool passed = result.differences.empty();
    out_ << paint(passed ? "ok    " : "FAILED", passed ? Paint::kGreen : Paint::kRed, terminal_) << " "
         << printable(test.name)
         << paint(" (" + std::to_string(static_cast<int64_t>(millis)) + " ms)", Paint::kDim, terminal_) << "\n";
    for (const auto& [name, difference] : result.differences) {
      out_ << "  " << place_text(file_, difference.place) << ": " << printable(name) << ": "
           << printable(difference.what) << "\n";
      show(difference.missing, "-", Paint::kRed);
      show(difference.unwanted, "+", Paint::kGreen);
    }
  }

 private:
  void show(const std::vector<std::string>& rows, const char* sign, Paint style) {
    constexpr size_t kShown = 20;
    for (size_t i = 0; i < std::min(rows.size(), kShown); ++i)
      out_ << paint("    " + std::string(sign) + " " + printable(rows[i]), style, terminal_) << "\n";
    if (rows.size() > kShown)
      out_ << "    " << sign << " and " << rows.size() - kShown << " more\n";
  }

  void add_json(const topology::Test& test, const TestResult& result, double millis) {
    std::string line = "{\"file\":";
    append_json_string(file_, line);
    line += ",\"line\":" + std::to_string(test.place.line) + ",\"test\":";
    append_json_string(test.name, line);
    line += std::string(",\"passed\":") + (result.differences.empty() ? "true" : "false") +
            ",\"millis\":" + std::to_string(static_cast<int64_t>(millis)) + ",\"differences\":[";
    for (size_t i = 0; i < result.differences.size(); ++i) {
      const auto& [name, difference] = result.differences[i];
      line += std::string(i > 0 ? "," : "") + "{\"line\":" + std::to_string(difference.place.line) +
              ",\"column\":" + std::to_string(difference.place.column) + ",\"name\":";
      append_json_string(name, line);
      line += ",\"text\":";
      append_json_string(difference.what, line);
      line += ",\"missing\":[" + listed(difference.missing) + "],\"unwanted\":[" + listed(difference.unwanted) + "]}";
    }
    out_ << line << "]}\n";
  }

  static std::string listed(const std::vector<std::string>& rows) {
    std::string out;
    for (const std::string& row : rows)
      out += (out.empty() ? "" : ",") + row;
    return out;
  }

  const std::string& file_;
  const TestOptions& options_;
  const Terminal& terminal_;
  std::ostream& out_;
};

Status test(const TestOptions& options, Exit& exit) {
  const Terminal terminal = Terminal::of(stdout);
  size_t passed = 0;
  size_t failed = 0;
  for (const std::string& file : options.files) {
    auto plan = load_plan(file, exit);
    if (!plan)
      continue;  // its mistakes have been printed
    PENSTOCK_TRY(run_tests(std::move(plan->topology), options, terminal, std::cout, passed, failed));
  }
  if (!options.json && passed + failed == 0 && exit.code == Exit::kOk)
    std::cout << (options.filter.empty() ? "no tests; write some below `tests:` (docs/testing.md)"
                                         : "no test has \"" + options.filter + "\" in its name")
              << "\n";
  else if (!options.json && passed + failed > 0)
    std::cout << passed << " passed, " << failed << " failed\n";
  std::cout.flush();
  if (exit.code == Exit::kOk && failed > 0)
    exit.code = Exit::kFailed;
  return ok();
}

}  // namespace

Status run_tests(topology::CheckedTopology topology, const TestOptions& options, const Terminal& terminal,
                 std::ostream& out, size_t& passed, size_t& failed) {
  if (!topology.tests)
    return ok();
  topology::Diagnostics none;
  const std::vector<topology::Test> tests = topology::read_tests(*topology.tests, topology.components, none);
  const topology::Plan plan = make_test_plan(std::move(topology), tests);
  Report report(plan.topology.file, options, terminal, out);
  for (const topology::Test& each : tests) {
    if (lower(each.name).find(lower(options.filter)) == std::string::npos)
      continue;
    const auto begun = std::chrono::steady_clock::now();
    auto result = run_test(plan, each);
    if (!result.ok())
      return result.status().with_context("test \"" + each.name + "\"");
    ++(result->differences.empty() ? passed : failed);
    report.add(each, *result,
               std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    out.flush();
  }
  return ok();
}

void add_test(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* verb = add_verb(app, "test", "Run the tests that a topology file holds below `tests:`.",
                            "  penstock test shop.yaml\n"
                            "  penstock test config/topologies/*.yaml --filter late --json\n");
  verb->add_option("FILE", options->files, "Topology files")->required();
  verb->add_option("--filter", options->filter, "Only tests with this in their name");
  verb->add_flag("--json", options->json, "One JSON object a test");
  verb->callback([options, &exit] { exit.fail(test(*options, exit)); });
}

}  // namespace penstock::cli
