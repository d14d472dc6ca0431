// A PostgreSQL server of the test's own: a fresh cluster in a temporary folder, reachable over a unix socket there only; stopped and
// removed at the end.
#pragma once

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

  /// Runs a script through psql and returns its answer, one line a row, columns parted by 0x01, null as 0x02. Null
  /// after an error, which `error` then holds.
  std::optional<std::string> run(const std::string& sql, std::string& error) const;

 private:
  explicit PrivatePostgres(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

}  // namespace penstock::sql
