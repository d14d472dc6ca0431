#include "actors/sources/sql.h"

#include <xxhash.h>

#include <algorithm>

#include "actors/databases/sql_text.h"
#include "messages/json_writer.h"

namespace penstock {
namespace {

constexpr std::string_view kCursor = "cursor ", kHash = "hash ";
constexpr uint64_t kBytesARow = 64;  // about
constexpr size_t kMostRows = 65'000;

uint64_t size_of(const SociDatabase::Row& row) {
  uint64_t bytes = 0;
  for (const SqlText& text : row)
    bytes += text ? text->size() + 1 : 1;
  return bytes;
}

std::string hash_of(const std::deque<SociDatabase::Row>& rows) {
  uint64_t hash = rows.size();
  for (const SociDatabase::Row& row : rows)
    for (const SqlText& text : row)
      hash = text ? XXH3_64bits_withSeed(text->data(), text->size(), hash) : hash * 31 + 1;
  static const char* const kDigits = "0123456789abcdef";
  std::string out(16, '0');
  for (size_t i = 16; i-- > 0; hash >>= 4)
    out[i] = kDigits[hash & 15];
  return out;
}

}  // namespace

Status SqlSource::open(std::string_view position) {
  position_ = position;
  snapshot_.clear();
  idle_since_nanos_.reset();
  database_.reset();
  const std::string_view kind = options_.cursor ? kCursor : kHash;
  if (!position.empty() && !position.starts_with(kind))
    return data_loss("the position of the sql source is \"" + position_ + "\", but it must begin with \"" +
                     std::string(kind) + "\": its `cursor` was added or removed; rename the source to begin anew");
  return ok();
}

std::string SqlSource::select(const std::string& where_and_order) const {
  std::string columns;
  for (const Field& field : options_.schema->fields())
    columns += (columns.empty() ? "" : ", ") + sql_as_text(database_->kind(), field);
  return "SELECT " + columns + " FROM " + options_.from + " AS penstock_rows" + where_and_order;
}

Status SqlSource::fetch(const std::string& sql, std::vector<Row>& rows) {
  return database_->query(sql, options_.schema->size(), [&](const Row& row) {
    rows.push_back(row);
    return true;
  });
}

bool SqlSource::must_wait() const {
  return snapshot_.empty() && idle_since_nanos_ &&
         (!options_.poll || clock_->monotonic_nanos() - *idle_since_nanos_ < options_.poll->micros * 1000);
}

Result<SourceRead> SqlSource::read(uint64_t max_bytes) {
  SourceRead out;
  if (must_wait()) {
    out.finished = !options_.poll;
    return out;
  }
  if (!database_) {
    PENSTOCK_ASSIGN(database_, SociDatabase::connect(options_.connection, options_.folder));
  }
  if (const Status read = options_.cursor ? read_on(max_bytes, out) : read_snapshot(out); !read.ok()) {
    database_.reset();  // perhaps it is the connection that is at fault
    return read;
  }
  if (out.position.empty() && snapshot_.empty() && !out.batch) {
    idle_since_nanos_ = clock_->monotonic_nanos();
    out.finished = !options_.poll;
  } else {
    idle_since_nanos_.reset();
  }
  return out;
}

Status SqlSource::read_on(uint64_t max_bytes, SourceRead& out) {
  const size_t cursor = *options_.cursor;
  // By its table, for PostgreSQL would sort by the text that the SELECT makes of it.
  const std::string column = "penstock_rows." + sql_name(options_.schema->field(cursor).name);
  const size_t most = std::clamp<uint64_t>(max_bytes / kBytesARow, 1, kMostRows);
  const auto value = [&](const std::string& text) {  // SQLite never finds a number equal to a text
    return options_.schema->field(cursor).type == Type::kInt64 ? text : sql_literal(text);
  };
  std::string where = " WHERE " + column + " IS NOT NULL";
  if (!position_.empty())
    where = " WHERE " + column + " > " + value(position_.substr(kCursor.size()));
  std::vector<Row> rows;
  PENSTOCK_TRY(fetch(select(where + " ORDER BY " + column + " LIMIT " + std::to_string(most + 1)), rows));
  if (rows.empty())
    return ok();
  if (rows.size() > most) {  // the last value may have more rows than these
    const SqlText last = rows.back()[cursor];
    while (!rows.empty() && rows.back()[cursor] == last)
      rows.pop_back();
    if (rows.empty())
      PENSTOCK_TRY(fetch(select(" WHERE " + column + " = " + value(*last)), rows));
  }
  position_ = std::string(kCursor) + rows.back()[cursor].value_or("");
  out.position = position_;
  convert(rows, out);
  return ok();
}

// The position is told with the last rows: a snapshot that was cut off is given anew.
Status SqlSource::read_snapshot(SourceRead& out) {
  if (snapshot_.empty()) {
    std::vector<Row> rows;
    PENSTOCK_TRY(fetch(select(""), rows));
    std::sort(rows.begin(), rows.end());
    snapshot_.assign(std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
    snapshot_hash_ = std::string(kHash) + hash_of(snapshot_);
    if (snapshot_hash_ == position_)
      snapshot_.clear();
  }
  if (snapshot_hash_ == position_)
    return ok();
  const size_t count = std::min(snapshot_.size(), kMostRows);
  const std::vector<Row> rows(snapshot_.begin(), snapshot_.begin() + static_cast<ptrdiff_t>(count));
  snapshot_.erase(snapshot_.begin(), snapshot_.begin() + static_cast<ptrdiff_t>(count));
  if (snapshot_.empty())
    out.position = position_ = snapshot_hash_;
  convert(rows, out);
  return ok();
}

void SqlSource::convert(const std::vector<Row>& rows, SourceRead& out) const {
  const std::vector<Field>& fields = options_.schema->fields();
  BatchBuilder builder(options_.schema);
  for (const Row& row : rows) {
    out.bytes += size_of(row);
    Status status;
    size_t column = 0;
    for (; column < fields.size() && status.ok(); ++column)
      status = sql_to_value(fields[column], row[column], builder.column(column));
    if (status.ok())
      continue;
    for (size_t written = 0; written + 1 < column; ++written)
      builder.column(written).pop();
    std::string record = "{";
    for (size_t c = 0; c < fields.size(); ++c) {
      record += c ? "," : "";
      append_json_string(fields[c].name, record);
      record += ':';
      if (row[c])
        append_json_string(*row[c], record);
      else
        record += "null";
    }
    out.rejected.push_back({status.message(), {}, {}, record + "}"});
  }
  if (builder.rows() > 0)
    out.batch = builder.finish();
}

}  // namespace penstock
