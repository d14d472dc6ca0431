#include "actors/aggregators/sort.h"

#include <algorithm>
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
    const size_t to = std::min(batch->rows(), from + kRowsALock);
    if (order_in_table_)
      PENSTOCK_TRY(fetch_places(*batch, from, to));
    const std::unique_lock lock(mutex_);
    for (size_t i = from; i < to; ++i)
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
  if (place.size() >= kMaxKeyBytes) {
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

// The row, its place (order and row), and of a view the key and the place once more.
double Sort::bytes_a_row(double row, bool of_view) {
  return of_view ? 3 * row + 2 * kEntryBytes : 2.5 * row + kEntryBytes;
}

void Sort::replace(std::string view_key, std::string place, std::string row) {
  changed_.insert(view_key);
  changed_places_.insert(place);
  const size_t key_bytes = view_key.size() + kEntryBytes;
  Place& present = places_[std::move(view_key)];
  const bool moves = !present.place.empty() && present.place != place;
  if (moves)
    changed_places_.erase(present.place);
  if (order_in_table_) {
    if (moves)
      order_in_table_->erase(present.place);
    order_in_table_->put(place, encode({std::move(row), 1}));
  } else {
    if (const auto old = rows_.find(present.place); old != rows_.end() && !present.place.empty()) {
      bytes_ -= 2 * old->first.size() + old->second.row.size() + key_bytes + kEntryBytes;
      --count_;
      rows_.erase(old);
    }
    bytes_ += 2 * place.size() + row.size() + key_bytes + kEntryBytes;
    ++count_;
    rows_[place] = Entry{std::move(row), 1};
  }
  present = {std::move(place), epoch_};
}

Status Sort::open(StoredKeys stored, MemoryShare share) {
  share_ = std::move(share);
  stored_ = stored;
  if (plan_.of_view) {
    PENSTOCK_ASSIGN(const bool in_table, StoredOrder::is_in(stored));
    if (in_table)
      order_in_table_ = std::make_unique<StoredOrder>(stored, epoch_);
  }
  if (!order_in_table_)
    PENSTOCK_TRY(Aggregator::open(std::move(stored), {}));
  if (share_.report)
    share_.report(memory());
  return ok();
}

Status Sort::restore(std::string_view key, std::string_view value) {
  PENSTOCK_ASSIGN(Entry entry, decode(value));
  if (plan_.of_view) {
    PENSTOCK_ASSIGN(std::string place, place_of(entry, key));
    const std::unique_lock lock(mutex_);
    replace(std::string(key), std::move(place), std::move(entry.row));
  } else {
    const std::unique_lock lock(mutex_);
    insert(std::string(key), std::move(entry.row), entry.count);
  }
  changed_.clear();
  changed_places_.clear();
  return ok();
}

std::string Sort::encode(const Entry& entry) {
  std::string value(1, kVersion);
  append_number(entry.count, value);
  return value + entry.row;
}

Result<Sort::Entry> Sort::decode(std::string_view value) const {
  ByteReader reader(value);
  const char version = reader.number<char>();
  const auto count = reader.number<uint64_t>();
  if (reader.failed() || version != kVersion || count == 0)
    return data_loss("a sorted row has an unknown format");
  Entry entry{std::string(reader.bytes(reader.left())), count};
  BatchBuilder check(plan_.schema);
  PENSTOCK_TRY(append_row(entry, check));
  return entry;
}

Result<std::string> Sort::place_of(const Entry& entry, std::string_view view_key) const {
  BatchBuilder builder(plan_.schema);
  PENSTOCK_TRY(append_row(entry, builder));
  std::string place;
  append_order(*builder.finish(), plan_.by, 0, place);
  place += view_key;
  return place;
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
    const std::string& place = plan_.of_view ? places_.at(key).place : key;
    if (order_in_table_)
      out.changes.emplace_back(key, order_in_table_->recent(place));
    else if (const auto entry = rows_.find(place); entry != rows_.end())
      out.changes.emplace_back(key, encode(entry->second));
    else
      out.changes.emplace_back(key, std::nullopt);
  }
  changed_.clear();
  PENSTOCK_TRY(emit_changed(out));
  std::unique_lock lock(mutex_);
  if (order_in_table_) {
    order_in_table_->end_epoch(false, out.changes);
    order_in_table_->committed(committed_);
    std::erase_if(places_, [this](const auto& place) { return place.second.epoch <= committed_; });
  } else if (is_too_large()) {
    move_to_table(out.changes);
  }
  ++epoch_;
  lock.unlock();
  if (share_.report)
    share_.report(memory());
  return ok();
}

}  // namespace penstock
