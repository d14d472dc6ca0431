// A PostgreSQL server of the test's own: a fresh cluster in a temporary folder, reachable over a unix socket there only; stopped and
// removed when the test ends, even by a crash.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace penstock::sql {

class PrivatePostgres {
 public:
  /// Null, with the reason, where PostgreSQL 15 is not installed or does not start.
  static std::unique_ptr<PrivatePostgres> start(std::string& reason);
  ~PrivatePostgres();

  /// Runs a script through psql and returns its answer, one line a row, columns parted by a space. Nothing after an error,
  /// which `error` then holds.
  std::optional<std::string> run(const std::string& sql, std::string& error) const;

 private:
  PrivatePostgres(std::string folder, FILE* keeper) : folder_(std::move(folder)), keeper_(keeper) {}

  std::string folder_;
  FILE* keeper_;
};

}  // namespace penstock::sql
