// Databases for tests: a SQLite file, and a PostgreSQL server of its own in a temporary folder, where one is installed.
#pragma once

#include <pwd.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/databases/soci_database.h"

namespace penstock::test {

/// Started once, stopped at the end; of the user postgres if the tests are run by root.
class PostgresServer {
 public:
  /// Null if none is installed.
  static PostgresServer* get() {
    static const std::unique_ptr<PostgresServer> server = start();
    return server.get();
  }
  ~PostgresServer() {
    (void)run("pg_ctl -D " + folder_ + "/data -m immediate -w stop");
    std::filesystem::remove_all(folder_);
  }
  std::string connection() const { return "postgresql:///postgres?host=" + folder_ + "&user=postgres"; }

 private:
  static std::unique_ptr<PostgresServer> start() {
    std::string programs;
    if (std::filesystem::exists("/usr/lib/postgresql"))
      for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql"))
        if (std::filesystem::exists(version.path() / "bin/initdb"))
          programs = (version.path() / "bin").string();
    if (programs.empty())
      return nullptr;
    std::unique_ptr<PostgresServer> server(new PostgresServer);
    server->programs_ = programs;
    std::string folder = "/tmp/penstock_pg_XXXXXX";
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    server->folder_ = folder;
    if (geteuid() == 0) {
      const passwd* user = getpwnam("postgres");
      REQUIRE(user != nullptr);
      REQUIRE(chown(folder.c_str(), user->pw_uid, user->pw_gid) == 0);
    }
    REQUIRE(server->run("initdb -U postgres -A trust -N -D " + folder + "/data"));
    REQUIRE(server->run("pg_ctl -D " + folder + "/data -w -l " + folder + "/log -o \"-F -c listen_addresses='' -k " +
                        folder + "\" start"));
    return server;
  }
  bool run(const std::string& command) const {
    const std::string whole = programs_ + "/" + command + " >/dev/null 2>&1 </dev/null";
    return std::system(geteuid() == 0 ? ("su postgres -s /bin/sh -c '" + escaped(whole) + "'").c_str()
                                      : whole.c_str()) == 0;
  }
  static std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text)
      out += c == '\'' ? "'\\''" : std::string(1, c);
    return out;
  }

  std::string programs_, folder_;
};

/// The connections to run a test with: the SQLite file test.db in the folder, and PostgreSQL.
inline std::vector<std::string> connections(const std::string& folder) {
  std::vector<std::string> out = {"sqlite://" + folder + "/test.db"};
  if (const PostgresServer* server = PostgresServer::get())
    out.push_back(server->connection());
  else
    WARN("PostgreSQL is not installed (Debian package postgresql): tried with SQLite only");
  return out;
}

inline std::unique_ptr<SociDatabase> connect(const std::string& connection) {
  auto database = SociDatabase::connect(connection, ".");
  INFO((database.ok() ? "" : database.status().message()));
  REQUIRE(database.ok());
  return std::move(database).value();
}

inline void execute(SociDatabase& database, const std::string& sql) {
  const Status status = database.execute(sql);
  INFO(sql << ": " << status.message());
  REQUIRE(status.ok());
}

/// The rows of a SELECT of texts, values parted by `|`.
inline std::string ask(SociDatabase& database, size_t columns, const std::string& sql) {
  std::string out;
  const Status status = database.query(sql, columns, [&](const SociDatabase::Row& row) {
    for (size_t i = 0; i < row.size(); ++i)
      out += (i ? "|" : "") + row[i].value_or("NULL");
    out += "\n";
    return true;
  });
  INFO(sql << ": " << status.message());
  REQUIRE(status.ok());
  return out;
}

}  // namespace penstock::test
