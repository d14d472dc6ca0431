#include "actors/sinks/result_writer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "messages/decompressor.h"
#include "tests/components/support.h"
#include "tests/support/temporary_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64}, {"at", Type::kTimestamp}});

std::string content(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

// Every file below the folder, by its name from there.
std::string tree(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[fs::relative(entry.path(), folder).string()] = content(entry.path());
  std::string out;
  for (auto& [name, text] : files) {
    std::ranges::replace(text, '\n', ';');
    out += name + "{" + text + "} ";
  }
  return out;
}

struct Fixture {
  test::TemporaryFolder folder;
  ResultFormat format{.path = folder / "out", .schema = kSchema};

  Status write(const std::string& rows, bool finish = true) {
    ResultWriter writer(format);
    PENSTOCK_TRY(writer.begin());
    if (!rows.empty())
      PENSTOCK_TRY(writer.add(test::rows(kSchema, rows)));
    return finish ? writer.finish() : ok();
  }
};

TEST_CASE_METHOD(Fixture, "a result takes the place of the one before as a whole") {
  format.path = folder / "out.jsonl";
  REQUIRE(write(R"({"id":1})").ok());
  CHECK(tree(folder.path()) == "out.jsonl{{\"id\":1,\"at\":null};} ");
  REQUIRE(write(R"({"id":2})", false).ok());
  CHECK(tree(folder.path()) == "out.jsonl{{\"id\":1,\"at\":null};} ");
  REQUIRE(write(R"({"id":3})").ok());
  CHECK(tree(folder.path()) == "out.jsonl{{\"id\":3,\"at\":null};} ");
  REQUIRE(write("").ok());
  CHECK(tree(folder.path()) == "out.jsonl{} ");
}

TEST_CASE_METHOD(Fixture, "what a killed run left behind is no part of the next result") {
  format.path = folder / "out.jsonl";
  folder.write("out.jsonl.penstock-tmp", "half a ro");
  REQUIRE(write(R"({"id":1})").ok());
  CHECK(tree(folder.path()) == "out.jsonl{{\"id\":1,\"at\":null};} ");
}

TEST_CASE_METHOD(Fixture, "rows go to a folder for each date, and dates without rows lose theirs") {
  format.date = 1;
  format.format = FileFormat::kCsv;
  REQUIRE(write(R"({"id":1,"at":"2026-11-20T23:59:59.999Z"}
{"id":2,"at":"2026-11-21T00:00:00Z"}
{"id":3}
{"id":4,"at":"2026-11-20T00:00:00Z"})")
              .ok());
  CHECK(tree(format.path) ==
        "date=2026-11-20/part.csv{id,at;1,2026-11-20T23:59:59.999Z;4,2026-11-20T00:00:00Z;} "
        "date=2026-11-21/part.csv{id,at;2,2026-11-21T00:00:00Z;} "
        "date=unknown/part.csv{id,at;3,;} ");
  folder.write("out/date=2026-11-21/mine.txt", "x");
  folder.write("out/date=2026-11-22", "a file, not a folder");
  REQUIRE(write(R"({"id":5,"at":"2026-11-20T00:00:00Z"})").ok());
  CHECK(tree(format.path) ==
        "date=2026-11-20/part.csv{id,at;5,2026-11-20T00:00:00Z;} date=2026-11-21/mine.txt{x} date=2026-11-22{a file, "
        "not a folder} ");
}

TEST_CASE_METHOD(Fixture, "a part is added beside others, and may be written again") {
  format.part = 1;
  REQUIRE(write(R"({"id":1})").ok());
  format.part = 2;
  REQUIRE(write(R"({"id":2})").ok());
  REQUIRE(write(R"({"id":2}
{"id":3})")
              .ok());
  format.part = 3;
  REQUIRE(write("").ok());
  CHECK(tree(format.path) ==
        "part-00000001.jsonl{{\"id\":1,\"at\":null};} "
        "part-00000002.jsonl{{\"id\":2,\"at\":null};{\"id\":3,\"at\":null};} ");
}

TEST_CASE_METHOD(Fixture, "a packed result of any size unpacks to its rows") {
  format.path = folder / "out.jsonl.gz";
  format.gzip = true;
  std::string rows, expected;
  for (int i = 0; i < 60'000; ++i) {  // more than is written at once
    rows += "{\"id\":" + std::to_string(i) + "}\n";
    expected += "{\"id\":" + std::to_string(i) + ",\"at\":null}\n";
  }
  REQUIRE(write(rows).ok());
  const auto unpacked = decompress(content(format.path), Compression::kGzip, 100u << 20);
  REQUIRE(unpacked.ok());
  CHECK(*unpacked == expected);
}

TEST_CASE_METHOD(Fixture, "a result that cannot be written says where, and leaves the one before") {
  format.path = folder / "no/such/out.jsonl";
  CHECK_THAT(write(R"({"id":1})").message(), Catch::Contains("no/such/out.jsonl"));
  fs::create_directory(folder / "taken");
  folder.write("taken/file", "x");
  format.path = folder / "taken";
  CHECK_THAT(write(R"({"id":1})").message(), Catch::Contains("cannot put the result in the place of"));
  CHECK(tree(folder.path()) == "taken/file{x} ");
}

}  // namespace
}  // namespace penstock
