// Databases on both ends of the real program: what is killed at any moment leaves each row once.
#include <thread>

#include "tests/support/databases.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr int kRows = 6'000;

TEST_CASE("a program that is killed while it fills a table leaves every row of the log there, each once",
          "[integration]") {
  const TemporaryFolder folder;
  std::string rows;
  for (int i = 0; i < kRows; ++i)
    rows += R"({"id":)" + std::to_string(i) + R"(,"name":"n)" + std::to_string(i % 100) + "\"}\n";
  folder.write("rows.jsonl", rows);
  int number = 0;
  for (const std::string& connection : connections(folder.path())) {
    INFO(connection);
    const auto database = connect(connection);
    execute(*database, "DROP TABLE IF EXISTS rows");
    execute(*database, "DROP TABLE IF EXISTS newest");
    execute(*database, "DROP TABLE IF EXISTS penstock_positions");
    const std::string topology = folder.write("topology.yaml", R"(
name: filling
schemas:
  row: {id: {type: int64, required: true}, name: string}
sources:
  rows: {type: file, path: rows.jsonl, schema: row, partitions: 2}
stages:
  counts: {type: reduce, input: rows, group_by: [name], aggregates: {n: count(*), last: max(id)}}
sinks:
  all: {type: sql, input: rows, connection: ")" + connection + R"(", table: rows, create: true, batch_rows: 20}
  newest: {type: sql, input: counts, connection: ")" + connection + R"(", table: newest, create: true, batch_rows: 50}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)");
    const RunningNode::Start start{
        .binary = PENSTOCK_BINARY, .topology = topology, .data_dir = folder / ("data" + std::to_string(number++))};
    const auto count = [&] {
      const auto text = [&](const std::string& sql) {
        std::string out;
        (void)database->query(sql, 1, [&](const SociDatabase::Row& row) { return out = row[0].value_or(""), true; });
        return out;
      };
      return text("SELECT CAST(count(*) AS TEXT) FROM rows") + " " + text("SELECT CAST(sum(n) AS TEXT) FROM newest");
    };
    size_t kills = 0;
    for (std::string before; kills < 12; ++kills) {
      RunningNode node(start);
      for (int i = 0; i < 400 && count() == before; ++i)
        std::this_thread::sleep_for(5ms);
      std::this_thread::sleep_for(std::chrono::milliseconds(7 * kills % 40));
      node.kill();
      before = count();
      if (before.starts_with(std::to_string(kRows) + " "))
        break;
    }
    CHECK(kills > 2);
    RunningNode node(start);
    const std::string whole = std::to_string(kRows) + " " + std::to_string(kRows);
    for (int i = 0; i < 1200 && count() != whole; ++i)
      std::this_thread::sleep_for(50ms);
    CHECK(ask(*database, 3,
              "SELECT CAST(count(*) AS TEXT), CAST(count(DISTINCT id) AS TEXT), CAST(max(id) AS TEXT) FROM rows") ==
          "6000|6000|5999\n");
    CHECK(ask(*database, 2, "SELECT CAST(count(*) AS TEXT), CAST(sum(n) AS TEXT) FROM newest") == "100|6000\n");
    CHECK(node.interrupt().code == 0);
  }
}

TEST_CASE("rows from a database are joined with a table of it, and new ones as they come", "[integration]") {
  const TemporaryFolder folder;
  for (const std::string& connection : connections(folder.path())) {
    INFO(connection);
    const auto database = connect(connection);
    for (const char* table : {"purchases", "customers", "joined", "penstock_positions"})
      execute(*database, std::string("DROP TABLE IF EXISTS ") + table);
    execute(*database, "CREATE TABLE purchases (id BIGINT PRIMARY KEY, customer BIGINT, total DOUBLE PRECISION)");
    execute(*database, "CREATE TABLE customers (customer BIGINT PRIMARY KEY, name TEXT)");
    execute(*database, "INSERT INTO purchases VALUES (1, 7, 1.5), (2, 8, 2.25), (3, 9, 3)");
    execute(*database, "INSERT INTO customers VALUES (7, 'ann'), (8, 'bob')");
    const std::string topology = folder.write(
        "topology.yaml", R"(
name: joining
schemas:
  purchase: {id: int64, customer: int64, total: float64}
  customer: {customer: int64, name: string}
sources:
  purchases: {type: sql, connection: ")" +
                             connection + R"(", table: purchases, schema: purchase, cursor: id, poll: 100ms}
  customers: {type: sql, connection: ")" +
                             connection +
                             R"(", query: "SELECT customer, name FROM customers", schema: customer, poll: 100ms}
stages:
  named: {type: join, inputs: [purchases, customers], by: [customer], table: current, wait: 1h}
sinks:
  joined: {type: sql, input: named, connection: ")" +
                             connection + R"(", table: joined, key: [id], create: true}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)");
    const std::string data = folder / (connection.starts_with("sqlite") ? "data_sqlite" : "data_postgresql");
    RunningNode node({.binary = PENSTOCK_BINARY, .topology = topology, .data_dir = data});
    const auto wait_for = [&](const std::string& expected) {
      std::string found;
      for (int i = 0; i < 600 && found != expected; ++i) {
        std::this_thread::sleep_for(50ms);
        found.clear();
        (void)database->query("SELECT CAST(id AS TEXT), name FROM joined ORDER BY id", 2,
                              [&](const SociDatabase::Row& row) {
                                found += row[0].value_or("") + row[1].value_or("") + " ";
                                return true;
                              });
      }
      return found;
    };
    CHECK(wait_for("1ann 2bob ") == "1ann 2bob ");
    execute(*database, "INSERT INTO customers VALUES (9, 'cid')");
    execute(*database, "INSERT INTO purchases VALUES (4, 7, 4)");
    CHECK(wait_for("1ann 2bob 3cid 4ann ") == "1ann 2bob 3cid 4ann ");
    CHECK(node.interrupt().code == 0);
  }
}

}  // namespace
}  // namespace penstock::test
