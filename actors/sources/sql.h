// Source `sql`: rows of a table or query of SQLite or PostgreSQL. Two modes:
//
//   incremental  (`cursor`) reads the rows whose cursor is above the last one read, in its order, and goes on from there at
//                every poll. Rows of one cursor value are never torn apart. A row that appears later with a cursor value
//                that is not above what was read is not seen: the cursor must grow, as a serial number does.
//   snapshot     reads all rows, and at every poll gives all of them again if anything changed. Rows that are gone are not
//                told of.
//
// Without `poll` it reads once and is finished. One thread at a time; blocks while the database works. Rows that are not of
// the schema are rejected one by one.
//
//   position := "cursor " text    as the database wrote the value
//             | "hash " 16 hex digits of the snapshot
//
// Errors: those of soci_database.h; data_loss for a position that is neither.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/databases/soci_database.h"
#include "actors/sources/source.h"
#include "core/clock.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct SqlSourceOptions {
  std::string connection, folder;
  std::string from;  // a table, or a query in parentheses
  SchemaPtr schema;
  std::optional<size_t> cursor;  // a column; none: snapshots
  std::optional<Duration> poll;
};

class SqlSource final : public Source {
 public:
  SqlSource(SqlSourceOptions options, const Clock& clock) : options_(std::move(options)), clock_(&clock) {}

  Status open(std::string_view position) override;
  Result<SourceRead> read(uint64_t max_bytes) override;
  SourceProgress progress() const override { return {rows_, 0, "rows"}; }

 private:
  using Row = SociDatabase::Row;

  Status connect();
  std::string select(const std::string& where_and_order) const;
  Status fetch(const std::string& sql, std::vector<Row>& rows);
  Status read_on(uint64_t max_bytes, SourceRead& out);
  Status read_snapshot(SourceRead& out);
  /// Rows as a batch, with those that are none rejected.
  void convert(const std::vector<Row>& rows, SourceRead& out) const;
  bool must_wait() const;

  const SqlSourceOptions options_;
  const Clock* clock_;
  std::unique_ptr<SociDatabase> database_;
  std::string position_;
  std::deque<Row> snapshot_;  // what is left of it to give
  std::string snapshot_hash_;
  std::optional<int64_t> idle_since_nanos_;  // since it has read to the end
  uint64_t rows_ = 0;
};

topology::ComponentType sql_source_type();
Result<SourcePtr> make_sql_source(const MakeContext& context);

}  // namespace penstock
