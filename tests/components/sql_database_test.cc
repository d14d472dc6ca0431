#include "tests/components/support.h"
#include "tests/support/databases.h"

namespace penstock {
namespace {

using test::ask;
using test::execute;

TEST_CASE("a database takes texts and gives them back, nulls and quotes included") {
  const test::Folder folder;
  for (const std::string& connection : test::connections(folder.path())) {
    INFO(connection);
    const auto database = test::connect(connection);
    execute(*database, "DROP TABLE IF EXISTS things");
    execute(*database, "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT)");
    const std::string insert = "INSERT INTO things VALUES (:p0, :p1), (:p2, :p3)";
    CHECK(database->execute(insert, {"1", "it's :p1", "2", SqlText()}).ok());
    CHECK(database->execute(insert, {"3", "", "9007199254740993", "é\n"}).ok());
    CHECK(ask(*database, 2, "SELECT CAST(id AS TEXT), name FROM things ORDER BY id") ==
          "1|it's :p1\n2|NULL\n3|\n9007199254740993|é\n\n");
    CHECK(database->execute(insert, {"4", "x", "4", "y"}).code() == Code::kInvalidArgument);
    CHECK(database->execute("INSERT INTO things VALUES (:p0, :p1)", {"4", "x"}).ok());
    CHECK(database->execute("INSERT INTO missing VALUES (1)").code() == Code::kUnavailable);
    execute(*database, "DROP TABLE things");
  }
}

TEST_CASE("a database that nobody answers for is unavailable, and a connection that is none is refused") {
  CHECK(SociDatabase::connect("sqlite:///no/such/folder/x.db", ".").status().code() == Code::kUnavailable);
  CHECK(SociDatabase::connect("postgresql://127.0.0.1:1/x", ".").status().code() == Code::kUnavailable);
  CHECK(SociDatabase::kind_of("sqlite:x").ok());
  CHECK_FALSE(SociDatabase::kind_of("sqlite://").ok());
  const Status refused = SociDatabase::connect("postgresql://127.0.0.1:1/x", ".").status();
  CHECK(refused.message().find('\n') == std::string::npos);
  CHECK(SociDatabase::connect("mysql://localhost/x", ".").status().code() == Code::kInvalidArgument);
}

}  // namespace
}  // namespace penstock
