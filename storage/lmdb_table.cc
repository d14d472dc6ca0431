#include "storage/lmdb_table.h"

#include <algorithm>

#include "storage/bytes.h"
#include "storage/limits.h"
#include "storage/lmdb_format.h"

namespace penstock {

Status put_table_entry(MDB_txn* txn, MDB_dbi tables, uint32_t table, std::string_view key, std::string_view value) {
  const std::string stored_key = table_key(table, key);
  const std::string head = table_head();
  std::string long_body;
  if (is_long_key(stored_key))
    value = long_body = table_body(key, value);
  MDB_val at = val(stored_key);
  MDB_val room{sealed_size(head.size(), value.size()), nullptr};
  if (const int code = mdb_put(txn, tables, &at, &room, MDB_RESERVE); code != 0)
    return lmdb_error("cannot write a table entry", code);
  seal(static_cast<char*>(room.mv_data), stored_key, head, value, body_hash(value));
  return ok();
}

Status erase_table_entry(MDB_txn* txn, MDB_dbi tables, uint32_t table, std::string_view key) {
  const std::string stored_key = table_key(table, key);
  MDB_val at = val(stored_key);
  const int code = mdb_del(txn, tables, &at, nullptr);
  return code == 0 || code == MDB_NOTFOUND ? ok() : lmdb_error("cannot erase a table entry", code);
}

Result<std::optional<std::string_view>> get_table_entry(MDB_txn* txn, MDB_dbi tables, uint32_t table,
                                                        std::string_view key, std::string_view table_name) {
  const std::string stored_key = table_key(table, key);
  MDB_val at = val(stored_key), found{};
  const int code = mdb_get(txn, tables, &at, &found);
  if (code == MDB_NOTFOUND)
    return std::optional<std::string_view>();
  if (code != 0)
    return lmdb_error("cannot read table " + in_quotes(table_name), code);
  const auto entry = decode_table_entry(stored_key, view(found));
  if (!entry || entry->key != key)
    return unreadable(table_place(table_name, key), stored_key, view(found), kTableHeadBytes);
  return std::optional<std::string_view>(entry->value);
}

Result<std::optional<Offset>> read_position(const LmdbRead& read, const LmdbEnv& env, const std::string& owner,
                                            const std::string& source, Partition partition) {
  const std::string key = PositionKey{owner, source, partition.value()}.encode();
  PENSTOCK_ASSIGN(const auto value, get_table_entry(read.get(), env.tables, kPositionsTable, key, "positions"));
  if (!value)
    return std::optional<Offset>();
  if (value->size() != 8)
    return data_loss(table_place("positions", key) + ": it is no offset");
  return std::optional(Offset(load_le<uint64_t>(value->data())));
}

std::string table_place(std::string_view table_name, std::string_view key) {
  return "key " + in_quotes(key) + " of table " + in_quotes(table_name);
}

Result<TableCursor> TableCursor::open(MDB_txn* txn, MDB_dbi tables, uint32_t table, std::string_view prefix,
                                      std::string_view table_name) {
  PENSTOCK_ASSIGN(LmdbCursor stored, LmdbCursor::open(txn, tables));
  TableCursor cursor(std::move(stored), table, prefix, table_name);
  std::string from(4, '\0');
  store_be32(from.data(), table);
  from += prefix.substr(0, kKeptKeyBytes);
  PENSTOCK_ASSIGN(cursor.found_, cursor.cursor_.seek(from));
  PENSTOCK_TRY(cursor.settle());
  return cursor;
}

Status TableCursor::next() {
  if (in_group_ + 1 < group_.size()) {
    ++in_group_;
    key_ = group_[in_group_].first;
    value_ = group_[in_group_].second;
    return ok();
  }
  const bool stepped_already = !group_.empty();  // gather() leaves the cursor after the group
  group_.clear();
  if (!stepped_already)
    PENSTOCK_TRY(step());
  return settle();
}

Status TableCursor::step() {
  PENSTOCK_ASSIGN(found_, cursor_.move(MDB_NEXT));
  return ok();
}

// Shows the entry at the cursor, or the group of long keys that begins there.
Status TableCursor::settle() {
  while (true) {
    const std::string_view kept = std::string_view(prefix_).substr(0, kKeptKeyBytes);
    if (!found_ || cursor_.key.size() < 4 || load_be32(cursor_.key.data()) != table_ ||
        !cursor_.key.substr(4).starts_with(kept)) {
      at_end_ = true;
      return ok();
    }
    if (cursor_.key.size() - 4 < kKeptKeyBytes) {
      const auto entry = decode_table_entry(cursor_.key, cursor_.value);
      if (!entry)
        return unreadable(table_place(name_, cursor_.key.substr(4)), cursor_.key, cursor_.value, kTableHeadBytes);
      key_ = entry->key;
      value_ = entry->value;
      return ok();
    }
    PENSTOCK_TRY(gather());
    if (group_.empty())
      continue;  // the prefix is long, and none of these keys begins with all of it
    in_group_ = 0;
    key_ = group_[0].first;
    value_ = group_[0].second;
    return ok();
  }
}

Status TableCursor::gather() {
  const std::string beginning(cursor_.key.substr(0, 4 + kKeptKeyBytes));
  while (found_ && cursor_.key.starts_with(beginning)) {
    const auto entry = decode_table_entry(cursor_.key, cursor_.value);
    if (!entry)
      return unreadable(table_place(name_, cursor_.key.substr(4)), cursor_.key, cursor_.value, kTableHeadBytes);
    if (entry->key.starts_with(prefix_))
      group_.emplace_back(entry->key, entry->value);
    PENSTOCK_TRY(step());
  }
  std::sort(group_.begin(), group_.end());
  return ok();
}

}  // namespace penstock
