#include "actors/aggregators/sort.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <numeric>

#include "actors/aggregators/view_key.h"
#include "actors/stages/reject.h"
#include "messages/byte_io.h"
#include "messages/key.h"
#include "storage/limits.h"

namespace penstock {
namespace {

constexpr size_t kEntryBytes = 96;  // of a node of the map, beside its texts

}  // namespace

void append_order(const RecordBatch& batch, std::span<const topology::SortColumn> by, size_t physical_row,
                  std::string& out) {
  for (const topology::SortColumn& column : by) {
    const size_t begin = out.size();
    append_key(batch, {&column.column, 1}, physical_row, out);
    // Turning over also turns the place of null, so for a descending column it is the other way round.
    if (out[begin] == 0x00 && column.nulls_first == column.descending)
      out[begin] = 0x02;
    if (column.descending)
      for (size_t i = begin; i < out.size(); ++i)
        out[i] = static_cast<char>(~out[i]);
  }
}

Sort::Sort(SortPlan plan) : plan_(std::move(plan)), all_columns_(plan_.schema->size()) {
  std::iota(all_columns_.begin(), all_columns_.end(), 0);
}

Status Sort::process(const BatchPtr& batch, StageOutput& out) {
  constexpr size_t kRowsALock = 512;  // a reader waits for no more
  for (size_t from = 0; from < batch->rows(); from += kRowsALock) {
    const std::unique_lock lock(mutex_);
    for (size_t i = from; i < std::min(batch->rows(), from + kRowsALock); ++i)
      PENSTOCK_TRY(add(*batch, i, out));
  }
  return ok();
}

Status Sort::add(const RecordBatch& batch, size_t i, StageOutput& out) {
  const size_t physical = batch.row(i);
  order_.clear();
  append_order(batch, plan_.by, physical, order_);
  if (!plan_.of_view && count_ >= plan_.limit && !rows_.empty() && rows_.rbegin()->first < order_)
    return ok();  // behind the last row that is kept
  std::string row;
  append_key(batch, all_columns_, physical, row);
  std::string key;
  if (plan_.of_view)
    row_key(batch, plan_.view_key, physical, key);
  else
    key = row;
  std::string place = order_ + key;
  if (place.size() > kMaxKeyBytes) {
    out.rejected.push_back(reject_row(batch, i,
                                      "sort: the row has " + std::to_string(place.size()) + " bytes, and at most " +
                                          std::to_string(kMaxKeyBytes) + " can be sorted"));
    return ok();
  }
  if (plan_.of_view)
    replace(std::move(key), std::move(place), std::move(row));
  else
    insert(std::move(place), std::move(row), 1);
  return ok();
}

void Sort::insert(std::string place, std::string row, uint64_t count) {
  changed_.insert(place);
  changed_places_.insert(place);
  const auto [entry, added] = rows_.try_emplace(std::move(place), Entry{std::move(row), 0});
  if (added)
    bytes_ += entry->first.size() + entry->second.row.size() + kEntryBytes;
  entry->second.count += count;
  count_ += count;
  drop_past_limit();
}

void Sort::drop_past_limit() {
  while (count_ > plan_.limit) {
    const auto last = std::prev(rows_.end());
    changed_.insert(last->first);
    --count_;
    if (--last->second.count > 0)
      continue;
    bytes_ -= last->first.size() + last->second.row.size() + kEntryBytes;
    changed_places_.erase(last->first);
    rows_.erase(last);
  }
}

void Sort::replace(std::string view_key, std::string place, std::string row) {
  changed_.insert(view_key);
  changed_places_.insert(place);
  std::string& present = places_[view_key];
  if (const auto old = rows_.find(present); old != rows_.end() && !present.empty()) {
    bytes_ -= 2 * old->first.size() + old->second.row.size() + view_key.size() + 2 * kEntryBytes;
    --count_;
    if (present != place)
      changed_places_.erase(present);
    rows_.erase(old);
  }
  bytes_ += 2 * place.size() + row.size() + view_key.size() + 2 * kEntryBytes;
  ++count_;
  present = place;
  rows_[std::move(place)] = Entry{std::move(row), 1};
}

Status Sort::restore(std::string_view key, std::string_view value) {
  ByteReader reader(value);
  const char version = reader.number<char>();
  const auto count = reader.number<uint64_t>();
  if (reader.failed() || version != kVersion || count == 0)
    return data_loss("a sorted row has an unknown format");
  Entry entry{std::string(reader.bytes(reader.left())), count};
  BatchBuilder builder(plan_.schema);
  const std::unique_lock lock(mutex_);
  PENSTOCK_TRY(append_row(entry, builder));
  if (plan_.of_view) {
    std::string place;
    append_order(*builder.finish(), plan_.by, 0, place);
    place += key;
    replace(std::string(key), std::move(place), std::move(entry.row));
  } else {
    insert(std::string(key), std::move(entry.row), count);
  }
  changed_.clear();
  changed_places_.clear();
  return ok();
}

Status Sort::append_row(const Entry& entry, BatchBuilder& builder) const {
  std::vector<ColumnBuilder*> columns;
  for (const size_t column : all_columns_)
    columns.push_back(&builder.column(column));
  return decode_key(entry.row, columns);
}

Status Sort::end_epoch(StageOutput& out) {
  // Only this thread changes the state, so it needs no lock to read it.
  for (const std::string& key : changed_) {
    const std::string& place = plan_.of_view ? places_.at(key) : key;
    const auto entry = rows_.find(place);
    if (entry == rows_.end()) {
      out.changes.emplace_back(key, std::nullopt);
      continue;
    }
    std::string value(1, kVersion);
    append_number(entry->second.count, value);
    out.changes.emplace_back(key, value + entry->second.row);
  }
  changed_.clear();
  BatchBuilder builder(plan_.schema);
  uint64_t rank = 0;
  auto row = rows_.begin();
  for (const std::string& place : changed_places_) {
    // Ranks only matter where a view is cut off; an ordinary input holds no more than its limit.
    for (; plan_.of_view && plan_.limit > 0 && row != rows_.end() && row->first < place && rank < plan_.limit; ++row)
      ++rank;
    if (plan_.of_view && plan_.limit > 0 && rank >= plan_.limit)
      break;
    if (const auto entry = rows_.find(place); entry != rows_.end())
      PENSTOCK_TRY(append_row(entry->second, builder));
  }
  changed_places_.clear();
  if (builder.rows() > 0)
    out.batches.push_back(builder.finish());
  return ok();
}

Result<BatchPtr> Sort::lookup(const std::vector<std::string>& key) const {
  uint64_t rank = 0;
  const std::string text = key.size() == 1 ? key[0] : "";
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rank);
  if (error != std::errc() || end != text.data() + text.size() || rank == 0)
    return invalid_argument("the key of a sorted view is a rank, counted from 1");
  const std::shared_lock lock(mutex_);
  if (rank > count_ || (plan_.limit > 0 && rank > plan_.limit))
    return BatchPtr();
  auto entry = rows_.begin();
  for (uint64_t before = entry->second.count; before < rank; before += entry->second.count)
    ++entry;
  BatchBuilder builder(plan_.schema);
  PENSTOCK_TRY(append_row(entry->second, builder));
  return builder.finish();
}

Result<BatchPtr> Sort::read_all(size_t limit) const {
  const std::shared_lock lock(mutex_);
  uint64_t left = plan_.limit > 0 ? std::min<uint64_t>(limit, plan_.limit) : limit;
  BatchBuilder builder(plan_.schema);
  for (auto entry = rows_.begin(); entry != rows_.end() && left > 0; ++entry)
    for (uint64_t i = 0; i < entry->second.count && left > 0; ++i, --left)
      PENSTOCK_TRY(append_row(entry->second, builder));
  return builder.finish();
}

// The row, its place (order and row), and of a view the key and the place once more.
double Sort::bytes_a_row(double row, bool of_view) {
  return of_view ? 3 * row + 2 * kEntryBytes : 2.5 * row + kEntryBytes;
}

size_t Sort::keys() const {
  const std::shared_lock lock(mutex_);
  return count_;
}

size_t Sort::memory() const {
  const std::shared_lock lock(mutex_);
  return bytes_;
}

}  // namespace penstock
