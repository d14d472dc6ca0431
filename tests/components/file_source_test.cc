#include "actors/sources/file.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Folder;
using test::Made;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64, true}, {"name", Type::kString}});

Made made(const Folder& folder, const std::string& yaml, const SchemaPtr& schema = kSchema) {
  return Made(Role::kSource, "file", "schema: it\n" + yaml, {}, folder.path(), schema);
}

struct Drained {
  std::string rows, rejected;
  std::string position;
  uint64_t records = 0;
  Status status;
};

Drained drain(Source& source, uint64_t max_bytes = 1 << 20) {
  Drained out;
  for (;;) {
    auto read = source.read(max_bytes);
    out.status = read.status();
    if (!read.ok())
      return out;
    if (read->batch) {
      out.records += read->batch->rows();
      if (out.records < 100'000)
        out.rows += read->batch->to_string();
    }
    for (const Rejected& rejected : read->rejected)
      out.rejected += rejected.reason + "\n";
    if (!read->position.empty())
      out.position = read->position;
    if (read->finished || (!read->batch && read->rejected.empty()))
      return out;
  }
}

std::string lines(int from, int to) {
  std::string out;
  for (int i = from; i < to; ++i)
    out += "{\"id\":" + std::to_string(i) + ",\"name\":\"n" + std::to_string(i) + "\"}\n";
  return out;
}

std::string rows(int from, int to) {
  std::string out;
  for (int i = from; i < to; ++i)
    out += std::to_string(i) + "|n" + std::to_string(i) + "\n";
  return out;
}

TEST_CASE("the file source reads JSON Lines, the last line with or without its end, and a byte order mark") {
  const Folder folder;
  folder.write("a.jsonl", "\xef\xbb\xbf" + lines(0, 3) + "{\"id\":3,\"name\":\"n3\"}");
  const SourcePtr source = made(folder, "path: a.jsonl").source();
  REQUIRE(source->open("").ok());
  const Drained all = drain(*source);
  CHECK(all.rows == rows(0, 4));
  CHECK(all.rejected.empty());
  CHECK(source->progress().done == source->progress().total);
}

TEST_CASE("the file source reads the files of a glob in the order of their names, and goes on anywhere") {
  const Folder folder;
  folder.write("2.jsonl", lines(400, 900));
  folder.write("1.jsonl", lines(0, 400));
  folder.write("3.jsonl", "");
  folder.write("4.jsonl", lines(900, 1000));
  const Made m = made(folder, "path: '*.jsonl'");
  std::string got, position;
  for (int restarts = 0; restarts < 50; ++restarts) {
    const SourcePtr source = m.source();
    REQUIRE(source->open(position).ok());
    const auto read = source->read(4096);
    REQUIRE(read.ok());
    if (read->batch)
      got += read->batch->to_string();
    if (!read->position.empty())
      position = read->position;
    if (read->finished)
      break;
  }
  CHECK(got == rows(0, 1000));
}

TEST_CASE("the file source reads CSV with a header, and goes on anywhere, quoted line ends included") {
  const Folder folder;
  std::string text = "name;other;id\n", expected;
  for (int i = 0; i < 800; ++i) {
    text += "\"n\n;" + std::to_string(i) + "\";x;" + std::to_string(i) + "\r\n";
    expected += std::to_string(i) + "|n\n;" + std::to_string(i) + "\n";
  }
  folder.write("a.csv", text);
  const Made m = made(folder, "path: a.csv\ndelimiter: ';'");
  std::string got, position;
  for (int restarts = 0; restarts < 50; ++restarts) {
    const SourcePtr source = m.source();
    REQUIRE(source->open(position).ok());
    const auto read = source->read(4096);
    REQUIRE(read.ok());
    if (read->batch)
      got += read->batch->to_string();
    if (!read->position.empty())
      position = read->position;
    if (read->finished)
      break;
  }
  CHECK(got == expected);
}

TEST_CASE("the file source rejects what cannot be decoded, and says where it stands") {
  const Folder folder;
  folder.write("a.jsonl", "{\"id\":1}\n{\"id\":\"x\"}\nrubbish\n{\"name\":\"n\"}\n{\"id\":2}\n");
  const SourcePtr source = made(folder, "path: a.jsonl").source();
  REQUIRE(source->open("").ok());
  const Drained all = drain(*source);
  CHECK(all.rows == "1|NULL\n2|NULL\n");
  CHECK_THAT(all.rejected,
             Catch::Contains("a.jsonl:2:") && Catch::Contains("a.jsonl:3:") && Catch::Contains("a.jsonl:4:"));

  const SourcePtr strict = made(folder, "path: a.jsonl\non_error: stop").source();
  REQUIRE(strict->open("").ok());
  CHECK_THAT(drain(*strict).status.message(), Catch::Contains("a.jsonl:2:") && Catch::Contains("the source stops"));
}

TEST_CASE("the file source passes over a file that is no text, with one message") {
  const Folder folder;
  folder.write("a.jsonl", std::string("\x7f"
                                      "ELF\0\0\x01\n",
                                      8) +
                              std::string(50'000, '\0'));
  folder.write("b.jsonl", lines(0, 2));
  const SourcePtr source = made(folder, "path: '*.jsonl'").source();
  REQUIRE(source->open("").ok());
  const Drained all = drain(*source);
  CHECK(all.rows == rows(0, 2));
  CHECK(all.rejected == "a.jsonl: this is no text (byte 5 is 0); the whole file is passed over\n");
}

TEST_CASE("the file source passes over the rest of an overlong line, over a restart too") {
  const Folder folder;
  folder.write("a.jsonl", "{\"id\":1}\n{\"id\":2,\"name\":\"" + std::string(40 << 20, 'x') + "\"}\n{\"id\":3}\n");
  const Made m = made(folder, "path: a.jsonl");
  std::string got, rejected, position;
  for (int i = 0; i < 30; ++i) {
    const SourcePtr source = m.source();
    REQUIRE(source->open(position).ok());
    const auto read = source->read(1 << 20);
    REQUIRE(read.ok());
    if (read->batch)
      got += read->batch->to_string();
    for (const Rejected& each : read->rejected)
      rejected += each.reason + "\n";
    if (!read->position.empty())
      position = read->position;
    if (read->finished)
      break;
  }
  CHECK(got == "1|NULL\n3|NULL\n");
  CHECK(rejected == "a.jsonl:2: expected a line of at most 16777216 bytes, found a longer one\n");
}

TEST_CASE("the file source takes a file of which nothing can be decoded for a wrong declaration") {
  const Folder folder;
  std::string text = "id,name\n";
  for (int i = 0; i < 3000; ++i)
    text += "x" + std::to_string(i) + ",y\n";
  folder.write("a.csv", text);
  const SourcePtr source = made(folder, "path: a.csv").source();
  REQUIRE(source->open("").ok());
  const Status status = drain(*source).status;
  CHECK(status.code() == Code::kInvalidArgument);
  CHECK_THAT(status.message(), Catch::Contains("check format, schema and delimiter") && Catch::Contains("a.csv:2"));

  folder.write("b.csv", "id,nam\n1,x\n");
  const SourcePtr lacking = made(folder, "path: b.csv").source();
  REQUIRE(lacking->open("").ok());
  CHECK_THAT(drain(*lacking).status.message(), Catch::Contains("name"));
}

TEST_CASE("the file source follows files as they grow and new ones appear") {
  const Folder folder;
  const SourcePtr source = made(folder, "path: '*.jsonl'\nfollow: true").source();
  REQUIRE(source->open("").ok());
  CHECK(source->read(1 << 20)->batch == nullptr);
  folder.write("b.jsonl", lines(0, 2) + "{\"id\":2,");
  CHECK(drain(*source).rows == rows(0, 2));
  std::ofstream(folder.path("b.jsonl"), std::ios::app) << "\"name\":\"n2\"}\n";
  const Drained rest = drain(*source);
  CHECK(rest.rows == rows(2, 3));
  folder.write("a.jsonl", lines(5, 6));
  CHECK(drain(*source).rows == rows(5, 6));
  CHECK_FALSE(source->read(1 << 20)->finished);

  std::ofstream(folder.path("b.jsonl"), std::ios::app) << lines(7, 8);
  const SourcePtr again = made(folder, "path: '*.jsonl'\nfollow: true").source();
  REQUIRE(again->open(rest.position).ok());
  CHECK(drain(*again).rows == rows(5, 6) + rows(7, 8));
}

TEST_CASE("the file source says when a file was cut or replaced behind its back") {
  const Folder folder;
  folder.write("a.jsonl", lines(0, 10));
  const Made m = made(folder, "path: a.jsonl\nfollow: true");
  const SourcePtr source = m.source();
  REQUIRE(source->open("").ok());
  const Drained first = drain(*source);
  folder.write("a.jsonl", lines(0, 2));
  CHECK_THAT(source->read(1 << 20).status().message(), Catch::Contains("a.jsonl was cut since it was read"));
  CHECK(m.source()->open(first.position).code() == Code::kFailedPrecondition);
  folder.write("new", lines(0, 20));
  std::filesystem::rename(folder.path("new"), folder.path("a.jsonl"));
  CHECK_THAT(m.source()->open(first.position).message(), Catch::Contains("a.jsonl was replaced since it was read"));
}

TEST_CASE("the file source refuses a position that is broken") {
  const Folder folder;
  folder.write("a.jsonl", lines(0, 10));
  const Made m = made(folder, "path: a.jsonl");
  const SourcePtr source = m.source();
  REQUIRE(source->open("").ok());
  const std::string position = drain(*source).position;
  for (size_t size = 1; size < position.size(); ++size)
    CHECK(m.source()->open(position.substr(0, size)).code() == Code::kDataLoss);
  CHECK(m.source()->open(position).ok());
}

TEST_CASE("the file source reads gzip and zstd files") {
  const Folder folder;
  folder.write("a.jsonl", lines(0, 500));
  folder.write("b.jsonl", lines(500, 600));
  REQUIRE(std::system(("gzip -q " + folder.path("a.jsonl")).c_str()) == 0);
  const SourcePtr source = made(folder, "path: '*.jsonl*'\nformat: jsonl").source();
  REQUIRE(source->open("").ok());
  CHECK(drain(*source, 4096).rows == rows(0, 600));
}

TEST_CASE("the file source checks its declaration") {
  const Folder folder;
  folder.write("a.csv", "id\n");
  folder.write("a.jsonl", "");
  folder.write("data", "");
  const auto mistakes = [&](const std::string& yaml) {
    return test::mistakes(Role::kSource, "file", "schema: it\n" + yaml, {}, folder.path(), kSchema);
  };
  CHECK_THAT(mistakes("path: b.csv"), Catch::Contains("missing-file"));
  CHECK(mistakes("path: b.csv\nfollow: true").empty());
  CHECK_THAT(mistakes("path: data"), Catch::Contains("does not tell its format"));
  CHECK(mistakes("path: data\nformat: csv").empty());
  CHECK_THAT(mistakes("path: a.jsonl\ndelimiter: ;"), Catch::Contains("conflict"));
  CHECK_THAT(mistakes("path: a.csv\ncolumns: [id]"), Catch::Contains("columns lacks the column name"));
  CHECK_THAT(mistakes("path: a.csv\ncolumns: [id, name]\nheader: true"), Catch::Contains("conflict"));
  CHECK_THAT(mistakes("path: a.csv\nevent_time: id"), Catch::Contains("wrong-type"));
  CHECK_THAT(mistakes("path: a.csv\nkey: ids"), Catch::Contains("did you mean id?"));
}

TEST_CASE("the file source reads MovieLens 100K") {
  const std::string folder = test::data_folder("movielens-100k");
  if (folder.empty())
    return;
  const SchemaPtr ratings = test::schema({{"user", Type::kInt64, true},
                                          {"item", Type::kInt64, true},
                                          {"rating", Type::kInt64, true},
                                          {"at", Type::kTimestamp, true}});
  const SourcePtr source = Made(Role::kSource, "file",
                                "schema: it\npath: u.data\nformat: csv\ndelimiter: tab\ntimestamp_unit: s\n"
                                "columns: [user, item, rating, at]",
                                {}, folder, ratings)
                               .source();
  REQUIRE(source->open("").ok());
  const Drained all = drain(*source);
  CHECK(all.records == 100'000);
  CHECK(all.rejected.empty());
  CHECK_THAT(all.rows, Catch::StartsWith("196|242|3|1997-12-04T15:55:49Z\n"));
}

TEST_CASE("the file source reads the gzipped invoices of Online Retail") {
  const std::string folder = test::data_folder("online-retail");
  if (folder.empty())
    return;
  const SchemaPtr invoices = test::schema({{"InvoiceNo", Type::kString, true},
                                           {"Description", Type::kString},
                                           {"Quantity", Type::kInt64},
                                           {"CustomerID", Type::kFloat64}});
  const SourcePtr source =
      Made(Role::kSource, "file", "schema: it\npath: OnlineRetail.csv.gz\nencoding: latin-1", {}, folder, invoices)
          .source();
  REQUIRE(source->open("").ok());
  const Drained all = drain(*source);
  CHECK(all.status.ok());
  CHECK(all.records == 541'909);
  CHECK(all.rejected.empty());
}

}  // namespace
}  // namespace penstock
