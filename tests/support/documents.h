// What tests read back: files line by line or whole, and JSON.
#pragma once

#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace penstock::test {

/// None if there is no such file.
inline std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);)
    out.push_back(line);
  return out;
}

/// Empty if there is no such file.
inline std::string content_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

/// REQUIREs that it is JSON; so not for other threads than the test's.
inline rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.c_str());
  INFO(text.substr(0, 2000));
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

}  // namespace penstock::test
