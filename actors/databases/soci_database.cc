#include "actors/databases/soci_database.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sqlite3.h>

#include <map>

#include "topology/bind_helpers.h"

namespace penstock {
namespace {

// What a library says, on one line.
std::string one_line(std::string text) {
  for (char& c : text)
    c = c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// SQLSTATE classes: 22 data exception, 23 integrity constraint violation, 53 insufficient resources.
Status refusal_of_postgresql(const soci::postgresql_soci_error& error) {
  const std::string state = error.sqlstate(), type = state.substr(0, 2);
  const std::string text = "PostgreSQL: " + one_line(error.get_error_message());
  if (type == "22" || type == "23" || state == "42804")  // datatype mismatch
    return invalid_argument(text);
  return state == "53100" ? resource_exhausted(text) : unavailable(text);
}

Status refusal_of_sqlite(const soci::sqlite3_soci_error& error) {
  const std::string text = "SQLite: " + one_line(error.get_error_message());
  switch (error.result() & 0xff) {  // without the extended part
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: return invalid_argument(text);
    case SQLITE_FULL: return resource_exhausted(text);
    default: return unavailable(text);
  }
}

template <class Action>
Status caught(const Action& action) {
  try {
    action();
    return ok();
  } catch (const soci::postgresql_soci_error& error) {
    return refusal_of_postgresql(error);
  } catch (const soci::sqlite3_soci_error& error) {
    return refusal_of_sqlite(error);
  } catch (const std::exception& error) {
    return unavailable(one_line(error.what()));
  }
}

bool begins(const std::string& text, std::string_view with) { return text.starts_with(with); }

std::string sqlite_path(const std::string& connection, const std::string& folder) {
  std::string path = connection.substr(std::string_view("sqlite:").size());
  if (begins(path, "//"))
    path.erase(0, 2);
  return topology::resolve_path(folder, path);
}

// A host that does not answer is given up after a while.
std::string with_timeout(const std::string& connection) {
  if (connection.find("connect_timeout=") != std::string::npos)
    return connection;
  return connection + (connection.find('?') == std::string::npos ? "?" : "&") + "connect_timeout=10";
}

}  // namespace

struct SociDatabase::Session {
  struct Prepared {
    explicit Prepared(soci::session& session) : statement(session) {}
    soci::statement statement;
    std::vector<std::string> values;
    std::vector<soci::indicator> indicators;
  };
  soci::session soci;
  std::map<std::string, Prepared> prepared;  // goes before the session
};

Result<SociDatabase::Kind> SociDatabase::kind_of(const std::string& connection) {
  if (begins(connection, "sqlite:") && connection != "sqlite:" && connection != "sqlite://")
    return Kind::kSqlite;
  if (begins(connection, "postgresql://") || begins(connection, "postgres://"))
    return Kind::kPostgresql;
  return invalid_argument(
      "the connection is neither sqlite:///folder/file.db nor postgresql://user:password@host:port/database");
}

Result<std::unique_ptr<SociDatabase>> SociDatabase::connect(const std::string& connection, const std::string& folder) {
  PENSTOCK_ASSIGN(const Kind kind, kind_of(connection));
  auto session = std::make_unique<Session>();
  const Status status = caught([&] {
    if (kind == Kind::kSqlite) {
      session->soci.open(*soci::factory_sqlite3(), "db=\"" + sqlite_path(connection, folder) + "\" timeout=10");
      session->soci << "PRAGMA busy_timeout = 10000";
    } else {
      session->soci.open(*soci::factory_postgresql(), with_timeout(connection));
      session->soci << "SET TIME ZONE 'UTC'";
      session->soci << "SET client_min_messages = warning";
    }
  });
  if (!status.ok())
    return unavailable("cannot open the database: " + status.message());
  return std::unique_ptr<SociDatabase>(new SociDatabase(kind, std::move(session)));
}

SociDatabase::SociDatabase(Kind kind, std::unique_ptr<Session> session) : kind_(kind), session_(std::move(session)) {}
SociDatabase::~SociDatabase() = default;

Status SociDatabase::execute(const std::string& sql) {
  return caught([&] { session_->soci << sql; });
}

Status SociDatabase::execute(const std::string& sql, const std::vector<SqlText>& values) {
  return caught([&] {
    auto found = session_->prepared.find(sql);
    const bool is_new = found == session_->prepared.end();
    if (is_new)
      found = session_->prepared.try_emplace(sql, session_->soci).first;
    Session::Prepared& prepared = found->second;
    prepared.values.resize(values.size());
    prepared.indicators.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      prepared.values[i] = values[i].value_or("");
      prepared.indicators[i] = values[i] ? soci::i_ok : soci::i_null;
    }
    if (is_new) {
      try {
        prepared.statement.alloc();
        prepared.statement.prepare(sql);
        for (size_t i = 0; i < values.size(); ++i)
          prepared.statement.exchange(soci::use(prepared.values[i], prepared.indicators[i]));
        prepared.statement.define_and_bind();
      } catch (...) {
        session_->prepared.erase(found);
        throw;
      }
    }
    prepared.statement.execute(true);
  });
}

Status SociDatabase::query(const std::string& sql, size_t columns, const std::function<bool(const Row&)>& visit) {
  return caught([&] {
    std::vector<std::string> values(columns);
    std::vector<soci::indicator> indicators(columns);
    soci::statement statement(session_->soci);
    statement.alloc();
    statement.prepare(sql);
    for (size_t i = 0; i < columns; ++i)
      statement.exchange(soci::into(values[i], indicators[i]));
    statement.define_and_bind();
    statement.execute();
    Row row(columns);
    while (statement.fetch()) {
      for (size_t i = 0; i < columns; ++i)
        row[i] = indicators[i] == soci::i_null ? SqlText() : SqlText(values[i]);
      if (!visit(row))
        return;
    }
  });
}

}  // namespace penstock
