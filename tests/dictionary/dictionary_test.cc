// docs/data_dictionary.md is what the code says, and leaves nothing out.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "monitoring/log_lines.h"
#include "tests/dictionary/dictionary.h"
#include "tests/support/every_event.h"

namespace penstock {
namespace {

std::string page() {
  std::string out =
      "# Data dictionary\n\nWhat every field, column, table and metric that Penstock hands out or stores means. Made "
      "from "
      "the code by\n`tests_dictionary` (`PENSTOCK_UPDATE_DOCS=1` writes it anew). What a topology file may hold is in "
      "[reference.md](reference.md).\n\n"
      "- [Contracts](#contracts): messages that cross the boundary of the program\n"
      "- [The API's schemas](#the-apis-schemas)\n"
      "- [What a store holds](#what-a-store-holds): logs, tables, grammars\n"
      "- [Lines of the log](#lines-of-the-log)\n"
      "- [Metrics](metrics.md), on a page of their own\n\n";
  out += dictionary::contract_section() + "\n" + dictionary::api_section() + "\n" + dictionary::stored_section() +
         "\n" + dictionary::log_line_section();
  return out;
}

TEST_CASE("docs/data_dictionary.md is what the code says") {
  const std::string path = PENSTOCK_SOURCE_DIR "/docs/data_dictionary.md", now = page();
  if (std::getenv("PENSTOCK_UPDATE_DOCS") != nullptr)
    std::ofstream(path) << now;
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  INFO("run tests_dictionary with PENSTOCK_UPDATE_DOCS=1 to write the page anew");
  CHECK(text.str() == now);
}

TEST_CASE("every field, column and table of the dictionary has a meaning") {
  std::istringstream lines(page());
  std::string without, part;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("##"))
      part = line;
    if (line.starts_with("| ") && line.ends_with("|  |"))
      without += part + ": " + line + "\n";
  }
  CHECK(without == "");
  std::set<std::string> names;
  for (const dictionary::Described& word : dictionary::words())
    CHECK(names.insert(word.name).second);
  for (const dictionary::SystemLog& log : dictionary::system_logs()) {
    CHECK(log.columns.size() == log.schema->size());
    for (const dictionary::Described& column : log.columns)
      CHECK_FALSE(column.meaning.empty());
  }
  std::set<std::string> tables;
  for (const dictionary::SystemTable& table : dictionary::system_tables()) {
    CHECK(tables.insert(table.name).second);
    CHECK(table.meaning.ends_with("."));
  }
}

TEST_CASE("every field of a log line is in the dictionary, and nothing else") {
  std::set<std::string> written, listed;
  test::emit_every_event([&](const monitoring::Event& event) {
    for (const auto& [name, value] : monitoring::log_line(event).fields)
      written.insert(name);
  });
  for (const dictionary::Described& field : dictionary::log_fields())
    listed.insert(field.name);
  CHECK(written == listed);
}

}  // namespace
}  // namespace penstock
