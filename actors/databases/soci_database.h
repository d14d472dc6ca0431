// A SQL database, SQLite or PostgreSQL, behind the library SOCI: the only door to it. Values go in and come out as texts, as
// the database writes them. One thread; blocks while a statement runs.
//
// Errors, by what they mean for the rows at hand: invalid_argument, the database will never take them (a constraint, a
// value that is none of the column's type); resource_exhausted, its disk is full; unavailable, everything else, for that may
// pass: nobody answers, it is locked, a table is missing. After an error the transaction is void, and the connection is best
// given up.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/status.h"

namespace penstock {

using SqlText = std::optional<std::string>;  // nothing: null

class SociDatabase {
 public:
  enum class Kind { kSqlite, kPostgresql };

  /// `sqlite:///folder/file.db`, `sqlite:file.db` (below `folder`), `postgresql://user:password@host:port/database`.
  /// Errors: invalid_argument (none of these), unavailable.
  static Result<std::unique_ptr<SociDatabase>> connect(const std::string& connection, const std::string& folder);
  /// What connect() would use. Errors: invalid_argument.
  static Result<Kind> kind_of(const std::string& connection);
  ~SociDatabase();

  Kind kind() const { return kind_; }
  Status execute(const std::string& sql);
  /// `sql` holds :p0, :p1, ... in their order. Statements are prepared once and kept.
  Status execute(const std::string& sql, const std::vector<SqlText>& values);
  /// Requires: the SELECT gives that many columns, of texts. Stops when `visit` returns false.
  using Row = std::vector<SqlText>;
  Status query(const std::string& sql, size_t columns, const std::function<bool(const Row&)>& visit);

 private:
  struct Session;
  SociDatabase(Kind kind, std::unique_ptr<Session> session);

  Kind kind_;
  std::unique_ptr<Session> session_;
};

}  // namespace penstock
