#include "actors/sinks/file.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Folder;
using test::Made;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64}, {"name", Type::kString}, {"at", Type::kTimestamp}});
const char* const kRows = R"({"id":1,"name":"Ann","at":"2024-05-01T12:00:00Z"}
{"id":2,"name":"say \"hi\", then\nleave"}
{"name":""})";

Made made(const Folder& folder, const std::string& yaml) {
  return Made(Role::kSink, "file", yaml, {{"in", kSchema, false, {}}}, folder.path());
}

TEST_CASE("the file sink writes JSON Lines") {
  const Folder folder;
  const SinkPtr sink = made(folder, "path: out.jsonl").sink();
  REQUIRE(sink->open("").ok());
  REQUIRE(sink->write(test::rows(kSchema, kRows)).ok());
  const auto position = sink->sync();
  REQUIRE(position.ok());
  const std::string content = folder.read("out.jsonl");
  CHECK(*position == std::to_string(content.size()));
  CHECK(content ==
        "{\"id\":1,\"name\":\"Ann\",\"at\":\"2024-05-01T12:00:00Z\"}\n"
        "{\"id\":2,\"name\":\"say \\\"hi\\\", then\\nleave\",\"at\":null}\n"
        "{\"id\":null,\"name\":\"\",\"at\":null}\n");
}

TEST_CASE("the file sink writes CSV with a header, quotes where they must be, and null apart from empty") {
  const Folder folder;
  const SinkPtr sink = made(folder, "path: out.csv\ndelimiter: ';'").sink();
  REQUIRE(sink->open("").ok());
  REQUIRE(sink->write(test::rows(kSchema, kRows)).ok());
  REQUIRE(sink->sync().ok());
  CHECK(folder.read("out.csv") ==
        "id;name;at\n"
        "1;Ann;2024-05-01T12:00:00Z\n"
        "2;\"say \"\"hi\"\", then\nleave\";\n"
        ";\"\";\n");
}

TEST_CASE("the file sink cuts off what was written behind the stored position") {
  const Folder folder;
  const Made m = made(folder, "path: out.csv");
  const BatchPtr one = test::rows(kSchema, "{\"id\":1}"), two = test::rows(kSchema, "{\"id\":2}");
  const SinkPtr sink = m.sink();
  REQUIRE(sink->open("").ok());
  REQUIRE(sink->write(one).ok());
  const std::string position = sink->sync().value();
  REQUIRE(sink->write(two).ok());
  REQUIRE(sink->sync().ok());  // not stored: the crash comes before the commit

  const SinkPtr again = m.sink();
  REQUIRE(again->open(position).ok());
  REQUIRE(again->write(two).ok());
  REQUIRE(again->sync().ok());
  CHECK(folder.read("out.csv") == "id,name,at\n1,,\n2,,\n");
}

TEST_CASE("the file sink appends to a file that was there, even after a crash before the first position") {
  const Folder folder;
  folder.write("out.jsonl", "mine\n");
  const Made m = made(folder, "path: out.jsonl");
  for (int attempt = 0; attempt < 3; ++attempt) {
    const SinkPtr sink = m.sink();
    REQUIRE(sink->open("").ok());
    REQUIRE(sink->write(test::rows(kSchema, "{\"id\":1}")).ok());
    REQUIRE(sink->sync().ok());
  }
  CHECK(folder.read("out.jsonl") == "mine\n{\"id\":1,\"name\":null,\"at\":null}\n");
  const SinkPtr sink = m.sink();
  REQUIRE(sink->open(std::to_string(folder.read("out.jsonl").size())).ok());
  CHECK_FALSE(std::filesystem::exists(folder.path("out.jsonl.penstock-start")));
}

TEST_CASE("the file sink says what is wrong with its file") {
  const Folder folder;
  folder.write("short.jsonl", "x");
  const Status cut = made(folder, "path: short.jsonl").sink()->open("500");
  CHECK(cut.code() == Code::kFailedPrecondition);
  CHECK_THAT(cut.message(), Catch::Contains("has 1 bytes, but 500 were delivered"));
  std::filesystem::create_directory(folder.path("dir.jsonl"));
  CHECK_THAT(made(folder, "path: dir.jsonl").sink()->open("").message(), Catch::Contains("cannot write"));
  CHECK(made(folder, "path: short.jsonl").sink()->open("12a").code() == Code::kDataLoss);

  const std::vector<topology::Input> in = {{"in", kSchema, false, {}}};
  CHECK_THAT(test::mistakes(Role::kSink, "file", "path: no/such/out.jsonl", in, folder.path()),
             Catch::Contains("there is no folder"));
  CHECK_THAT(test::mistakes(Role::kSink, "file", "path: out", in, folder.path()),
             Catch::Contains("does not tell its format"));
  CHECK_THAT(test::mistakes(Role::kSink, "file", "path: a.csv\ndelimiter: ab", in, folder.path()),
             Catch::Contains("one character"));
}

}  // namespace
}  // namespace penstock
