#include "actors/sources/sql.h"

#include "tests/components/support.h"
#include "tests/support/databases.h"

namespace penstock {
namespace {

using test::execute;
using test::Made;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64, true}, {"name", Type::kString}});

Made source(const std::string& connection, const std::string& more) {
  return {Role::kSource, "sql", "connection: \"" + connection + "\"\nschema: row\n" + more, {}, ".", kSchema};
}

void each(const std::function<void(const std::string& connection, SociDatabase&)>& body) {
  const test::Folder folder;
  for (const std::string& connection : test::connections(folder.path())) {
    INFO(connection);
    const auto database = test::connect(connection);
    execute(*database, "DROP TABLE IF EXISTS people");
    execute(*database, "CREATE TABLE people (id BIGINT, name TEXT, other TEXT)");
    body(connection, *database);
  }
}

SourceRead read(Source& from, uint64_t bytes = 1 << 20) {
  auto out = from.read(bytes);
  INFO((out.ok() ? "" : out.status().message()));
  REQUIRE(out.ok());
  return std::move(out).value();
}

std::string all(Source& from, uint64_t bytes) {
  std::string out;
  for (int i = 0; i < 100; ++i) {
    const SourceRead one = read(from, bytes);
    if (!one.batch)
      break;
    out += one.batch->to_string() + "-\n";
  }
  return out;
}

TEST_CASE("the sql source reads what is above its cursor, and goes on from its position") {
  each([](const std::string& connection, SociDatabase& database) {
    execute(database, "INSERT INTO people VALUES (2, 'b', ''), (10, 'c', ''), (1, 'a', ''), (NULL, 'none', '')");
    const Made made = source(connection, "table: people\ncursor: id\npoll: 10s");
    const SourcePtr first = made.source();
    REQUIRE(first->open("").ok());
    const SourceRead some = read(*first);
    CHECK(some.batch->to_string() == "1|a\n2|b\n10|c\n");
    CHECK(some.position == "cursor 10");
    CHECK_FALSE(read(*first).batch);
    execute(database, "INSERT INTO people VALUES (11, 'd', '')");
    CHECK_FALSE(read(*first).batch);  // not yet
    made.clock->advance_micros(10'000'000);
    CHECK(read(*first).batch->to_string() == "11|d\n");
    const SourcePtr second = made.source();
    REQUIRE(second->open(some.position).ok());
    CHECK(read(*second).batch->to_string() == "11|d\n");
    CHECK_FALSE(read(*second).finished);
  });
}

TEST_CASE("the sql source never tears rows of one cursor value apart") {
  each([](const std::string& connection, SociDatabase& database) {
    execute(database, "INSERT INTO people VALUES (1, 'a', ''), (2, 'b', ''), (2, 'c', ''), (2, 'd', ''), (3, 'e', '')");
    const Made made = source(connection, "query: SELECT id, name FROM people WHERE other = ''\ncursor: id");
    for (const uint64_t rows : {1u, 2u, 3u, 4u, 9u}) {
      const SourcePtr from = made.source();
      REQUIRE(from->open("").ok());
      const std::string got = all(*from, rows * 64);
      CHECK(std::count(got.begin(), got.end(), '|') == 5);
      CHECK_THAT(got, Catch::Contains("2|b\n2|c\n2|d\n"));
      CHECK(read(*from).finished);
    }
  });
}

TEST_CASE("without a cursor the sql source gives all rows whenever one has changed") {
  each([](const std::string& connection, SociDatabase& database) {
    execute(database, "INSERT INTO people VALUES (1, 'a', ''), (2, 'b', '')");
    const Made made = source(connection, "table: people\npoll: 1s");
    const SourcePtr from = made.source();
    REQUIRE(from->open("").ok());
    const SourceRead first = read(*from);
    CHECK(first.batch->to_string() == "1|a\n2|b\n");
    CHECK_FALSE(read(*from).batch);
    execute(database, "UPDATE people SET name = 'bb' WHERE id = 2");
    made.clock->advance_micros(1'000'000);
    const SourceRead second = read(*from);
    CHECK(second.batch->to_string() == "1|a\n2|bb\n");
    CHECK(second.position != first.position);
    const SourcePtr again = made.source();
    REQUIRE(again->open(second.position).ok());
    CHECK_FALSE(read(*again).batch);
    CHECK(again->open("cursor 5").code() == Code::kDataLoss);
  });
}

TEST_CASE("the sql source sets rows aside that are not of its schema") {
  each([](const std::string& connection, SociDatabase& database) {
    execute(database, "INSERT INTO people VALUES (1, 'a', ''), (NULL, 'b', ''), (3, NULL, '')");
    const SourcePtr from = source(connection, "table: people").source();
    REQUIRE(from->open("").ok());
    const SourceRead some = read(*from);
    CHECK_THAT(some.batch->to_string(), Catch::Contains("3|NULL\n") && Catch::Contains("1|a\n"));
    REQUIRE(some.rejected.size() == 1);
    CHECK(some.rejected[0].reason == "id is required, but NULL");
    CHECK(some.rejected[0].record == R"({"id":null,"name":"b"})");
  });
}

TEST_CASE("a sql source that is declared wrong says how it would be right") {
  const auto wrong = [](const std::string& yaml) {
    return test::mistakes(Role::kSource, "sql", "schema: row\n" + yaml, {}, ".", kSchema);
  };
  CHECK_THAT(wrong("connection: sqlite:x.db"), Catch::Contains("needs either table or query"));
  CHECK_THAT(wrong("connection: oracle\ntable: t"), Catch::Contains("neither sqlite:///"));
  CHECK_THAT(wrong("connection: sqlite:x.db\ntable: t\ncursor: idd"), Catch::Contains("did you mean id?"));
}

}  // namespace
}  // namespace penstock
