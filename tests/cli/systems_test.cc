#include "cli/systems/systems.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "cli/systems/row_file.h"
#include "messages/json_lines.h"
#include "tests/support/temporary_folder.h"

namespace penstock::cli {
namespace {

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void generate(const System& system, const SystemOptions& options) {
  REQUIRE(system.generate(options, [](uint64_t, uint64_t) {}).ok());
}

}  // namespace

TEST_CASE("every system writes the files that it names, and the same ones for the same seed") {
  for (const System& system : systems()) {
    INFO(system.name);
    const test::TemporaryFolder a, b, c;
    generate(system, {500, 7, 0.1, a.path()});
    generate(system, {500, 7, 0.1, b.path()});
    generate(system, {500, 8, 0.1, c.path()});
    bool differ = false;
    for (const SystemFile& file : system.files) {
      CHECK(!content(a.path() + "/" + file.name).empty());
      CHECK(content(a.path() + "/" + file.name) == content(b.path() + "/" + file.name));
      differ = differ || content(a.path() + "/" + file.name) != content(c.path() + "/" + file.name);
    }
    CHECK(differ);
    CHECK(content(a.path() + "/truth.json").starts_with("{\"system\":\"" + system.name + "\""));
  }
  CHECK(find_system("feedback-ofers").status().message() ==
        "there is no system \"feedback-ofers\"; did you mean \"feedback-offers\"?");
}

TEST_CASE("the truth of feedback-offers is what a recount of its feedback gives") {
  const test::TemporaryFolder folder;
  generate(feedback_offers(), {5000, 3, 0.2, folder.path()});
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"feedback_id", Type::kString, true},
                                                                        {"customer_id", Type::kString, true},
                                                                        {"service_id", Type::kString, true},
                                                                        {"at", Type::kTimestamp, true},
                                                                        {"text", Type::kString, true},
                                                                        {"score", Type::kInt64, true}});
  const Decoded decoded = JsonLinesDecoder(schema).decode(content(folder.path() + "/feedback.jsonl"));
  uint64_t rejected = decoded.errors.size(), duplicates = 0, offers = 0, kept = 0;
  std::set<std::string> seen;
  for (size_t i = 0; i < decoded.batch->rows(); ++i) {
    const int64_t score = decoded.batch->column(5)->int64s()[i];
    if (decoded.batch->column(4)->string(i).empty() || score < 1 || score > 5)
      ++rejected;
    else if (!seen.emplace(decoded.batch->column(0)->string(i)).second)
      ++duplicates;
    else
      ++(score <= 3 ? offers : kept);
  }
  const std::string truth = content(folder.path() + "/truth.json");
  const auto says = [&](const std::string& member, uint64_t value) {
    INFO(member << " " << value << " in " << truth);
    CHECK(truth.find("\"" + member + "\":" + std::to_string(value) + ",") != std::string::npos);
  };
  says("rejected", rejected);
  says("duplicates", duplicates);
  says("offers_due", offers);
  says("persisted", kept);
  CHECK(rejected + duplicates + offers + kept == 5000);
  CHECK(rejected > 500);
}

TEST_CASE("rows of generators are valid JSON and CSV") {
  CHECK(JsonRow().field("a", "x\"\n").field("b", 1.5).field("c", true).field("d", Timestamp{0}).text() ==
        R"({"a":"x\"\n","b":1.5,"c":true,"d":"1970-01-01T00:00:00Z"})");
  CHECK(csv_row({"a", "b,c", "d\"e", ""}) == "a,\"b,c\",\"d\"\"e\",");
}

}  // namespace penstock::cli
