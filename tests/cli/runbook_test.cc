// What docs/runbook.md tells people to type exists: verbs and options of the command line, paths of the API, panels of the
// dashboards, anchors.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
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
  // It goes to stdout, which is a file for that long.
  std::FILE* const file = std::tmpfile();
  std::fflush(stdout);
  const int before = dup(STDOUT_FILENO);
  dup2(fileno(file), STDOUT_FILENO);
  const int code = run_command_line(static_cast<int>(arguments.size()), arguments.data());
  std::fflush(stdout);
  dup2(before, STDOUT_FILENO);
  close(before);
  std::string out(static_cast<size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  CHECK(std::fread(out.data(), 1, out.size(), file) == out.size());
  std::fclose(file);
  return kept[words] = code == 0 ? out : "";
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

std::vector<std::string> segments(const std::string& path) {
  std::istringstream in(path);
  std::vector<std::string> out;
  for (std::string segment; std::getline(in, segment, '/');)
    out.push_back(segment);
  return out;
}

/// Whether the path is one of the template: `/v1/jobs/{name}`.
bool is_of(const std::string& path, const std::string& route) {
  const auto parts = segments(path), known = segments(route);
  return std::equal(parts.begin(), parts.end(), known.begin(), known.end(),
                    [](const std::string& part, const std::string& of) { return part == of || of.starts_with("{"); });
}

TEST_CASE("the runbook's paths are of the API") {
  const auto asked = found(runbook(), "127\\.0\\.0\\.1:8080(/[^'\\s`?]*)");
  CHECK(asked.size() > 20);
  for (const std::string& path : asked) {
    INFO(path);
    CHECK(std::any_of(api_routes().begin(), api_routes().end(),
                      [&](const ApiRoute& route) { return route.method == "GET" && is_of(path, route.path); }));
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
