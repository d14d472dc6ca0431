// Tables inside an LMDB transaction, without their changelog: one key, and a walk in key order. Hides how long keys are
// stored. Functions are thread safe as far as their transaction is; a cursor must not outlive its transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.h"
#include "core/status.h"
#include "storage/lmdb_env.h"

namespace penstock {

/// Errors: resource_exhausted.
Status put_table_entry(MDB_txn* txn, MDB_dbi tables, uint32_t table, std::string_view key, std::string_view value);
/// A key that is not there is no error.
Status erase_table_entry(MDB_txn* txn, MDB_dbi tables, uint32_t table, std::string_view key);
/// The value points into the map: valid until the transaction ends. Errors: data_loss, naming table and key.
Result<std::optional<std::string_view>> get_table_entry(MDB_txn* txn, MDB_dbi tables, uint32_t table,
                                                        std::string_view key, std::string_view table_name);

/// `key "k" of table "t"`, for messages.
std::string table_place(std::string_view table_name, std::string_view key);

/// Walks the entries whose key begins with a prefix, in key order.
class TableCursor {
 public:
  static Result<TableCursor> open(MDB_txn* txn, MDB_dbi tables, uint32_t table, std::string_view prefix,
                                  std::string_view table_name);
  bool at_end() const { return at_end_; }
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }
  Status next();

 private:
  TableCursor(LmdbCursor cursor, uint32_t table, std::string_view prefix, std::string_view table_name)
      : cursor_(std::move(cursor)), table_(table), prefix_(prefix), name_(table_name) {}
  Status step();
  Status settle();
  Status gather();

  LmdbCursor cursor_;  // at the next stored entry
  const uint32_t table_;
  const std::string prefix_, name_;
  bool found_ = false;  // the cursor is at an entry
  bool at_end_ = false;
  std::string_view key_, value_;
  // Long keys with the same stored beginning lie in the order of their hashes; they are sorted here before they are shown.
  std::vector<std::pair<std::string, std::string>> group_;
  size_t in_group_ = 0;
};

/// Errors: data_loss.
Result<std::optional<Offset>> read_position(const LmdbRead& read, const LmdbEnv& env, const std::string& owner,
                                            const std::string& source, Partition partition);

}  // namespace penstock
