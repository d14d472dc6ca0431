// What docs/runbook.md tells people to type exists: verbs and options of the command line, paths of the API, panels of the
// dashboards, anchors.
#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "actors/servers/api_routes.h"
#include "cli/app.h"
#include "monitoring/panels/dashboards.h"

namespace penstock::cli {
namespace {

std::string runbook() {
  std::ostringstream text;
  text << std::ifstream(PENSTOCK_SOURCE_DIR "/docs/runbook.md").rdbuf();
  return text.str();
}

/// All matches of the expression's first group.
std::vector<std::string> found(const std::string& text, const std::string& expression) {
  const std::regex pattern(expression);
  std::vector<std::string> out;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it)
    out.push_back((*it)[1]);
  return out;
}

/// What `penstock WORDS --help` says; empty if there is no such verb.
std::string help(const std::vector<std::string>& words) {
  static std::map<std::vector<std::string>, std::string> kept;
  if (const auto it = kept.find(words); it != kept.end())
    return it->second;
  std::vector<const char*> arguments = {"penstock"};
  for (const std::string& word : words)
    arguments.push_back(word.c_str());
  arguments.push_back("--help");
  std::ostringstream out;
  std::streambuf* const before = std::cout.rdbuf(out.rdbuf());
  const int code = run_command_line(static_cast<int>(arguments.size()), arguments.data());
  std::cout.rdbuf(before);
  return kept[words] = code == 0 ? out.str() : "";
}

void check_command(const std::string& line) {
  INFO(line);
  std::istringstream in(line);
  std::vector<std::string> words, verbs;
  for (std::string word; in >> word;)
    words.push_back(word);
  size_t at = 0;
  if (words.empty() || words[0].starts_with("-"))
    return;
  verbs.push_back(words[at++]);
  if (help(verbs).find("Subcommands:") != std::string::npos) {
    REQUIRE(at < words.size());
    verbs.push_back(words[at++]);
  }
  const std::string text = help(verbs);
  CHECK(!text.empty());
  for (; at < words.size(); ++at)
    if (words[at].starts_with("-") && words[at] != "-") {
      INFO(words[at]);
      CHECK(std::regex_search(text, std::regex("(^|[\\s,])" + words[at] + "([\\s,=]|$)")));
    }
}

TEST_CASE("the runbook's commands exist, with their options") {
  // To the end of the command: a pipe, a redirection, a comment, the end of the line or of the code. Quoted words are values.
  const std::string text = std::regex_replace(runbook(), std::regex("\"[^\"\\n]*\"|'[^'\\n]*'"), "TEXT");
  const auto commands = found(text, "(?:^|\\n|`|\\| |\\$ )penstock ([a-z-][^`|#>\\n]*)");
  CHECK(commands.size() > 100);
  for (const std::string& command : commands)
    check_command(command);
}

TEST_CASE("the runbook's paths are of the API") {
  std::set<std::string> paths;
  for (const ApiRoute& route : api_routes())
    if (route.method == "GET")
      paths.insert("^" + std::regex_replace(route.path, std::regex("\\{[a-z]+\\}"), "[^/]+") + "$");
  const auto asked = found(runbook(), "127\\.0\\.0\\.1:8080(/[^'\\s`?]*)");
  CHECK(asked.size() > 20);
  for (const std::string& path : asked) {
    INFO(path);
    CHECK(std::any_of(paths.begin(), paths.end(),
                      [&](const std::string& known) { return std::regex_match(path, std::regex(known)); }));
  }
}

TEST_CASE("the runbook's panels are on the dashboards") {
  std::set<std::string> panels;
  for (const monitoring::Dashboard& dashboard : monitoring::dashboards())
    for (const monitoring::PanelRow& row : dashboard.rows)
      for (const monitoring::Panel& panel : row.panels)
        panels.insert(dashboard.uid.substr(std::string("penstock-").size()) + " / " + panel.title);
  const auto named = found(runbook(), "`([a-z]+ / [^`]+)`");
  CHECK(named.size() > 50);
  for (const std::string& panel : named) {
    INFO(panel);
    CHECK(panels.contains(panel));
  }
}

TEST_CASE("the runbook's links lead to headings") {
  const std::string text = runbook();
  std::set<std::string> anchors;
  for (std::string heading : found("\n" + text, "\\n#+ ([^\\n]+)")) {
    std::string anchor;
    for (const char c : heading)
      if (std::isalnum(static_cast<unsigned char>(c)) || c == '-')
        anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      else if (c == ' ')
        anchor += '-';
    anchors.insert(anchor);
  }
  for (const std::string& link : found(text, "\\]\\(#([^)]+)\\)")) {
    INFO(link);
    CHECK(anchors.contains(link));
  }
}

}  // namespace
}  // namespace penstock::cli
