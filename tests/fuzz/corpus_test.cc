// Every fuzz target over its corpus: what fuzzing found once stays found, in every build. Found crashes are corpus files.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/fuzz/targets.h"

namespace penstock::fuzz {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpora = fs::path(PENSTOCK_SOURCE_DIR) / "tests/fuzz/corpus";

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("every fuzz target takes its corpus without a crash or a broken promise") {
  const Target& target = GENERATE(from_range(targets()));
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(kCorpora / target.name)) {
    INFO(entry.path());
    target.run(read(entry.path()));
    ++files;
  }
  INFO(target.name);
  CHECK(files > 0);
}

TEST_CASE("every fuzz target takes nothing, and cut and damaged inputs") {
  const Target& target = GENERATE(from_range(targets()));
  target.run({});
  std::set<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kCorpora / target.name))
    paths.insert(entry.path());
  for (const fs::path& path : paths) {
    std::string bytes = read(path);
    if (bytes.empty())
      continue;
    INFO(path);
    target.run(std::string_view(bytes).substr(0, bytes.size() / 2));
    for (const size_t at : {size_t{0}, bytes.size() / 3, bytes.size() - 1})
      bytes[at] = static_cast<char>(bytes[at] ^ 0x21);
    target.run(bytes);
  }
}

TEST_CASE("every corpus belongs to a fuzz target") {
  for (const auto& entry : fs::directory_iterator(kCorpora)) {
    INFO(entry.path());
    CHECK(std::any_of(targets().begin(), targets().end(),
                      [&](const Target& target) { return entry.path().filename() == target.name; }));
  }
}

}  // namespace
}  // namespace penstock::fuzz
