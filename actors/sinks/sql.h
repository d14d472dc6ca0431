// Sink `sql`: writes rows into a table of SQLite or PostgreSQL, each exactly once: in the transaction that brings the rows, the
// table `penstock_positions` of the same database learns up to which offset of the log they reach. Rows below that are passed
// over, so neither a kill between the two commits nor a lost connection doubles any. With `key` a row replaces the one
// with the same key. One thread at a time; blocks while the database works.
//
// A log that begins anew (the data folder was removed) is known by when its first batch was taken in; then the database's
// positions are of another log and begin anew too.
//
//   penstock_positions := sink (topology/sink/log)  part  next_offset  first_offset  first_ingested (µs)
//
// Errors: those of soci_database.h; invalid_argument too if a column's expression has no value for a row.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/databases/soci_database.h"
#include "actors/sinks/sink.h"
#include "sql/expression.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct SqlSinkOptions {
  std::string connection, folder;
  std::string table;
  std::vector<std::pair<std::string, sql::Expression>> columns;
  std::vector<size_t> key;  // of columns; empty: rows are appended
  bool create = false;
  uint64_t batch_rows = 5000;
  std::string name;  // in penstock_positions
};

class SqlSink final : public Sink {
 public:
  explicit SqlSink(SqlSinkOptions options) : options_(std::move(options)) {}

  Status open(std::string_view position) override;
  Status write(const BatchPtr& batch) override;
  Result<std::string> sync() override;
  uint64_t rows_at_once() const override { return options_.batch_rows; }

 private:
  struct Part {
    uint64_t next = 0, first = 0;
    int64_t first_ingested = 0;
    bool known = false;
    bool changed = false;
  };
  using Row = SociDatabase::Row;

  Status connect();
  std::string create_table() const;
  std::string insert(size_t rows) const;
  /// Rows of the same key in one statement are refused, so only the last of each goes.
  void drop_replaced();
  Status write_rows();
  Status write_positions();
  void give_up();

  const SqlSinkOptions options_;
  std::unique_ptr<SociDatabase> database_;
  bool is_first_ = false;  // nothing was ever committed to the store
  std::map<uint32_t, Part> parts_;
  std::vector<Row> rows_;
};

topology::ComponentType sql_sink_type();
Result<SinkPtr> make_sql_sink(const MakeContext& context);

}  // namespace penstock
