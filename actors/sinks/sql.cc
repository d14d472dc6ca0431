#include "actors/sinks/sql.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <set>

#include "actors/databases/sql_text.h"

namespace penstock {
namespace {

constexpr const char* kPosition = "penstock_positions";  // what the store keeps: that the database has the rest
constexpr size_t kMostValues = 16'000;                   // of a statement; SQLite takes 32,766, PostgreSQL 65,535
constexpr size_t kMostRows = 512;

template <class T>
T number(const SqlText& text) {
  T out = 0;
  if (text)
    std::from_chars(text->data(), text->data() + text->size(), out);
  return out;
}

}  // namespace

Status SqlSink::open(std::string_view position) {
  give_up();
  is_first_ = position.empty();
  const Status status = connect();
  if (status.ok())
    return ok();
  give_up();
  // No row is to blame for what goes wrong here.
  return status.code() == Code::kInvalidArgument ? unavailable(status.message()) : status;
}

Status SqlSink::connect() {
  PENSTOCK_ASSIGN(database_, SociDatabase::connect(options_.connection, options_.folder));
  PENSTOCK_TRY(database_->execute(
      "CREATE TABLE IF NOT EXISTS penstock_positions (sink TEXT NOT NULL, part BIGINT NOT NULL, next_offset BIGINT NOT "
      "NULL, first_offset BIGINT NOT NULL, first_ingested BIGINT NOT NULL, PRIMARY KEY (sink, part))"));
  if (options_.create)
    PENSTOCK_TRY(database_->execute(create_table()));
  return database_->query(
      "SELECT CAST(part AS TEXT), CAST(next_offset AS TEXT), CAST(first_offset AS TEXT), CAST(first_ingested AS TEXT) "
      "FROM penstock_positions WHERE sink = " +
          sql_literal(options_.name),
      4, [&](const Row& row) {
        parts_[number<uint32_t>(row[0])] = {number<uint64_t>(row[1]), number<uint64_t>(row[2]), number<int64_t>(row[3]),
                                            true, false};
        return true;
      });
}

std::string SqlSink::create_table() const {
  std::string columns, key;
  for (const auto& [name, expression] : options_.columns)
    columns += (columns.empty() ? "" : ", ") + sql_name(name) + " " + sql_type(database_->kind(), expression.type()) +
               (expression.nullable() ? "" : " NOT NULL");
  for (const size_t column : options_.key)
    key += (key.empty() ? "" : ", ") + sql_name(options_.columns[column].first);
  return "CREATE TABLE IF NOT EXISTS " + sql_table(options_.table) + " (" + columns +
         (key.empty() ? "" : ", PRIMARY KEY (" + key + ")") + ")";
}

Status SqlSink::write(const BatchPtr& batch) {
  const uint32_t partition = batch->origin()->partition.value();
  const int64_t ingested = batch->origin()->ingested.micros;
  const uint64_t first = batch->offset(0).value();
  Part& part = parts_[partition];
  const bool of_another_log = is_first_ && (first == part.first ? ingested != part.first_ingested : first < part.first);
  if (!part.known || of_another_log)
    part = {0, first, ingested, true, false};
  Selection rows;
  for (size_t i = 0; i < batch->rows(); ++i)
    if (batch->offset(i).value() >= part.next)
      rows.push_back(static_cast<uint32_t>(batch->row(i)));
  if (rows.empty())
    return ok();
  part.next = batch->offset(batch->rows() - 1).value() + 1;
  part.changed = true;
  const BatchPtr fresh = batch->select(std::move(rows));
  const size_t begin = rows_.size();
  rows_.resize(begin + fresh->rows());
  for (const auto& [name, expression] : options_.columns) {
    const sql::Evaluated values = expression.evaluate(*fresh);
    if (!values.errors.empty())
      return invalid_argument(name + ": " + values.errors.front().message);
    for (size_t i = 0; i < fresh->rows(); ++i) {
      PENSTOCK_ASSIGN(SqlText value, value_to_sql(database_->kind(), *values.column, i));
      rows_[begin + i].push_back(std::move(value));
    }
  }
  return ok();
}

void SqlSink::drop_replaced() {
  if (options_.key.empty())
    return;
  std::set<Row> seen;
  std::vector<Row> kept;
  for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
    Row key;
    for (const size_t column : options_.key)
      key.push_back((*row)[column]);
    if (seen.insert(std::move(key)).second)
      kept.push_back(std::move(*row));
  }
  std::reverse(kept.begin(), kept.end());
  rows_ = std::move(kept);
}

std::string SqlSink::insert(size_t rows) const {
  std::string names, values, key, sets;
  for (size_t c = 0; c < options_.columns.size(); ++c) {
    const std::string name = sql_name(options_.columns[c].first);
    names += (c ? ", " : "") + name;
    if (std::find(options_.key.begin(), options_.key.end(), c) == options_.key.end())
      sets.append(sets.empty() ? "" : ", ").append(name).append(" = excluded.").append(name);
    else
      key += (key.empty() ? "" : ", ") + name;
  }
  size_t parameter = 0;
  for (size_t row = 0; row < rows; ++row) {
    values += row ? ", (" : "(";
    for (size_t c = 0; c < options_.columns.size(); ++c)
      values += (c ? ", :p" : ":p") + std::to_string(parameter++);
    values += ")";
  }
  std::string sql = "INSERT INTO " + sql_table(options_.table) + " (" + names + ") VALUES " + values;
  if (!key.empty())
    sql += " ON CONFLICT (" + key + ") DO " + (sets.empty() ? "NOTHING" : "UPDATE SET " + sets);
  return sql;
}

Status SqlSink::write_rows() {
  drop_replaced();
  const size_t most = std::clamp<size_t>(kMostValues / options_.columns.size(), 1, kMostRows);
  std::vector<SqlText> values;
  for (size_t from = 0; from < rows_.size();) {
    // By powers of two, so that few statements are to be prepared whatever the number.
    const size_t count = std::bit_floor(std::min(most, rows_.size() - from));
    values.clear();
    for (size_t i = from; i < from + count; ++i)
      std::move(rows_[i].begin(), rows_[i].end(), std::back_inserter(values));
    PENSTOCK_TRY(database_->execute(insert(count), values));
    from += count;
  }
  return ok();
}

Status SqlSink::write_positions() {
  for (auto& [partition, part] : parts_) {
    if (!part.changed)
      continue;
    PENSTOCK_TRY(database_->execute(
        "INSERT INTO penstock_positions (sink, part, next_offset, first_offset, first_ingested) VALUES (:p0, :p1, :p2, "
        ":p3, :p4) ON CONFLICT (sink, part) DO UPDATE SET next_offset = excluded.next_offset, first_offset = "
        "excluded.first_offset, first_ingested = excluded.first_ingested",
        {options_.name, std::to_string(partition), std::to_string(part.next), std::to_string(part.first),
         std::to_string(part.first_ingested)}));
    part.changed = false;
  }
  return ok();
}

Result<std::string> SqlSink::sync() {
  if (rows_.empty())
    return std::string(kPosition);
  Status status = database_->execute("BEGIN");
  if (status.ok())
    status = write_rows();
  if (status.ok())
    status = write_positions();
  if (status.ok())
    status = database_->execute("COMMIT");
  rows_.clear();
  if (status.ok())
    return std::string(kPosition);
  give_up();  // which takes back what was not committed
  return status.with_context("table " + options_.table);
}

void SqlSink::give_up() {
  database_.reset();
  parts_.clear();
  rows_.clear();
}

}  // namespace penstock
