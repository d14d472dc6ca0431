#include "sql/functions.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

using namespace penstock;
using namespace penstock::sql;

TEST_CASE("every function is in the README, and every overload is there once") {
  std::ostringstream readme;
  readme << std::ifstream(PENSTOCK_SOURCE_DIR "/sql/README.md").rdbuf();
  std::string words = readme.str();
  for (char& c : words)
    c = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ? c : ' ';
  for (const std::string& name : function_names()) {
    INFO(name);
    CHECK((" " + words + " ").find(" " + name + " ") != std::string::npos);
    std::set<std::vector<Type>> signatures;
    for (const Function* function : overloads(name))
      CHECK(signatures.insert(function->args).second);
  }
}
