#include "actors/sinks/sql.h"

#include "tests/components/support.h"
#include "tests/support/databases.h"

namespace penstock {
namespace {

using test::ask;
using test::execute;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64, true},
                                        {"name", Type::kString},
                                        {"score", Type::kFloat64},
                                        {"ok", Type::kBool},
                                        {"at", Type::kTimestamp},
                                        {"more", Type::kJson}});

SinkPtr sink(const std::string& connection, const std::string& more = "") {
  return test::Made(Role::kSink, "sql", "connection: \"" + connection + "\"\ntable: rows\ncreate: true" + more,
                    {{"in", kSchema, false, {}}})
      .sink();
}

BatchPtr rows(uint64_t first, size_t count, int64_t ingested = 7) {
  BatchBuilder builder(kSchema);
  for (uint64_t id = first; id < first + count; ++id) {
    builder.column(0).append_int64(static_cast<int64_t>(id));
    builder.column(1).append_string("n" + std::to_string(id));
    for (size_t c = 2; c < 6; ++c)
      builder.column(c).append_null();
  }
  return builder.finish()->with_origin({Partition(0), Offset(first), Timestamp{ingested}, nullptr, 0});
}

void deliver(Sink& to, const BatchPtr& batch) {
  Status status = to.write(batch);
  if (status.ok())
    status = to.sync().status();
  INFO(status.message());
  REQUIRE(status.ok());
}

void each(const std::function<void(const std::string& connection, SociDatabase&)>& body) {
  const test::Folder folder;
  for (const std::string& connection : test::connections(folder.path())) {
    INFO(connection);
    const auto database = test::connect(connection);
    execute(*database, "DROP TABLE IF EXISTS rows");
    execute(*database, "DROP TABLE IF EXISTS penstock_positions");
    body(connection, *database);
  }
}

const std::string kIds =
    "SELECT CAST(count(*) AS TEXT), CAST(count(DISTINCT id) AS TEXT), CAST(max(id) AS TEXT) FROM rows";

TEST_CASE("the sql sink creates its table and writes every type") {
  each([](const std::string& connection, SociDatabase& database) {
    const SinkPtr to = sink(connection);
    REQUIRE(to->open("").ok());
    deliver(*to,
            test::rows_at(kSchema,
                          R"({"id":1,"name":"it's","score":0.1,"ok":true,"at":"2024-02-29T12:00:00.5Z","more":{"a":[1]}}
{"id":-9223372036854775808,"score":1e300,"ok":false,"at":"1969-12-31T00:00:00Z"})",
                          0));
    CHECK(ask(database, 3, "SELECT CAST(id AS TEXT), name, CAST(score AS TEXT) FROM rows ORDER BY id")
              .starts_with("-9223372036854775808|NULL|1"));
    const test::Made source(Role::kSource, "sql",
                            "connection: \"" + connection + "\"\ntable: rows\nschema: row\ncursor: id", {}, ".",
                            kSchema);
    const SourcePtr back = source.source();
    REQUIRE(back->open("").ok());
    const auto read = back->read(1 << 20);
    REQUIRE(read.ok());
    CHECK(read->rejected.empty());
    REQUIRE(read->batch);
    CHECK(read->batch->to_string() ==
          "-9223372036854775808|NULL|1e+300|false|1969-12-31T00:00:00Z|NULL\n"
          "1|it's|0.1|true|2024-02-29T12:00:00.500Z|{\"a\":[1]}\n");
  });
}

TEST_CASE("the sql sink passes over what the database has already, whatever the store knows") {
  each([](const std::string& connection, SociDatabase& database) {
    const SinkPtr first = sink(connection);
    REQUIRE(first->open("").ok());
    deliver(*first, rows(0, 1200));
    // The process dies before the store hears of it: the log is read from its start again, in other pieces.
    const SinkPtr second = sink(connection);
    REQUIRE(second->open("").ok());
    deliver(*second, rows(0, 700));
    deliver(*second, rows(700, 800));
    CHECK(ask(database, 3, kIds) == "1500|1500|1499\n");
    const SinkPtr third = sink(connection);
    REQUIRE(third->open("penstock_positions").ok());
    deliver(*third, rows(1400, 200, 9));
    CHECK(ask(database, 3, kIds) == "1600|1600|1599\n");
  });
}

TEST_CASE("the sql sink writes a log that begins anew from its beginning") {
  each([](const std::string& connection, SociDatabase& database) {
    const SinkPtr first = sink(connection);
    REQUIRE(first->open("").ok());
    deliver(*first, rows(0, 10, 7));
    const SinkPtr second = sink(connection);
    REQUIRE(second->open("").ok());
    deliver(*second, rows(0, 5, 8));
    deliver(*second, rows(5, 5, 9));
    CHECK(ask(database, 3, kIds) == "20|10|9\n");
  });
}

TEST_CASE("with a key the newest row replaces the others, within a delivery and over deliveries") {
  each([](const std::string& connection, SociDatabase& database) {
    const SinkPtr to = sink(connection, "\ncolumns: {who: name, n: id}\nkey: [who]");
    REQUIRE(to->open("").ok());
    deliver(*to, test::rows_at(kSchema, R"({"id":1,"name":"a"}
{"id":2,"name":"b"}
{"id":3,"name":"a"})",
                               0));
    deliver(*to, test::rows_at(kSchema, R"({"id":4,"name":"b"})", 3));
    CHECK(ask(database, 2, "SELECT who, CAST(n AS TEXT) FROM rows ORDER BY who") == "a|3\nb|4\n");
  });
}

TEST_CASE("what the database refuses for good is told from what may pass, and nothing of a refused delivery stays") {
  each([](const std::string& connection, SociDatabase& database) {
    execute(database, "CREATE TABLE rows (id BIGINT PRIMARY KEY, name TEXT CHECK (name <> 'n3'))");
    const SinkPtr to = sink(connection, "\ncolumns: {id: id, name: name}");
    REQUIRE(to->open("").ok());
    REQUIRE(to->write(rows(0, 5)).ok());
    CHECK(to->sync().status().code() == Code::kInvalidArgument);
    CHECK(ask(database, 1, "SELECT CAST(count(*) AS TEXT) FROM rows") == "0\n");
    REQUIRE(to->open("").ok());
    deliver(*to, rows(0, 3));
    deliver(*to, rows(4, 2));  // 3 was set aside
    CHECK(ask(database, 3, kIds) == "5|5|5\n");
    execute(database, "DROP TABLE rows");
    REQUIRE(to->write(rows(6, 1)).ok());
    CHECK(to->sync().status().code() == Code::kUnavailable);
    REQUIRE(to->open("").ok());  // makes it anew
    deliver(*to, rows(6, 1));
    CHECK(ask(database, 3, kIds) == "1|1|6\n");
  });
}

TEST_CASE("a column that has no value for a row is that row's fault") {
  const test::Folder folder;
  const SinkPtr to = sink("sqlite://" + folder.path("x.db"), "\ncolumns: {x: 1 / id}");
  REQUIRE(to->open("").ok());
  CHECK(to->write(rows(0, 1)).code() == Code::kInvalidArgument);
}

TEST_CASE("a sql sink that is declared wrong says how it would be right") {
  const auto wrong = [](const std::string& yaml, bool view = false) {
    return test::mistakes(Role::kSink, "sql", yaml,
                          {{"in", kSchema, view, view ? std::vector<std::string>{"id"} : std::vector<std::string>{}}});
  };
  CHECK_THAT(wrong("connection: mysql://x\ntable: t"),
             Catch::Contains("neither sqlite:///folder/file.db nor postgresql://"));
  CHECK_THAT(wrong("connection: sqlite:x.db\ntable: t\ncolumns: {a: nam}"), Catch::Contains("name"));
  CHECK_THAT(wrong("connection: sqlite:x.db\ntable: t\nkey: [idd]"), Catch::Contains("did you mean id?"));
  CHECK_THAT(wrong("connection: sqlite:x.db\ntable: t\ncolumns: {a: name}", true),
             Catch::Contains("in is a view keyed by it"));
  CHECK(wrong("connection: sqlite:x.db\ntable: t", true).empty());
}

}  // namespace
}  // namespace penstock
