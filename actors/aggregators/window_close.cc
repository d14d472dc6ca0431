// What a window does at an epoch's end: closes what is due, hands on early results, tells what is to be stored, spills.
#include <algorithm>
#include <mutex>
#include <numeric>

#include "actors/aggregators/view_key.h"
#include "actors/aggregators/window.h"
#include "messages/key.h"

namespace penstock {

Status Window::end_epoch(StageOutput& out) {
  BatchBuilder closed(plan_.schema), early(plan_.schema);
  for (const uint32_t group : keys_.touched())
    note_due(group);
  PENSTOCK_TRY(close(watermark_.value().micros, out.changes, closed));
  PENSTOCK_TRY(tell_changes(out.changes, early));
  for (BatchBuilder* rows : {&closed, &early})
    if (rows->rows() > 0)
      out.batches.push_back(by_end(rows->finish(), plan_.group_by.size() + 1));
  if (plan_.retain > 0 && !out.batches.empty())
    keep_closed(*out.batches.front(), out.changes);
  watermark_.end_epoch(out.changes);
  keys_.end_epoch();
  ++epoch_;
  spill();
  return ok();
}

Status Window::tell_changes(Delta& changes, BatchBuilder& early) {
  const std::unique_lock lock(mutex_);
  for (const uint32_t group : keys_.touched()) {
    if (!keys_.index().has(group))
      continue;
    groups_.changes(group, keys_.index().key(group), changes);
    keys_.set_bytes(group, groups_.memory(group));
    if (plan_.early_every && !groups_.empty(group))
      early_.insert(group);
    forget_if_empty(group);
  }
  return show_early(early);
}

// Only this thread changes the state, so it needs no lock to read it: not for the table, which may be large.
Status Window::close(int64_t watermark, Delta& changes, BatchBuilder& rows) {
  if (watermark <= groups_.closed())
    return ok();
  const bool outlive = plan_.retain > 0 && plan_.horizon(watermark) > plan_.horizon(groups_.closed());
  const size_t before = rows.rows() + changes.size();
  if (stored_due_ <= watermark)
    PENSTOCK_TRY(close_stored(watermark, changes, rows));
  {
    const std::unique_lock lock(mutex_);
    if (plan_.sessions())
      PENSTOCK_TRY(close_sessions(watermark, changes, rows));
    else if (plan_.open_from(watermark) > plan_.open_from(groups_.closed()))
      PENSTOCK_TRY(close_aligned(watermark, changes, rows));
    groups_.set_closed(watermark);
  }
  if (outlive)
    PENSTOCK_TRY(drop_outlived(changes));
  changes_ += rows.rows() + changes.size() > before;
  return ok();
}

Status Window::close_group(uint32_t group, int64_t watermark, Delta& changes, BatchBuilder& rows) {
  const std::string_view key = keys_.index().key(group);
  keys_.touch(group);
  return groups_.close(
      group, watermark,
      [&](int64_t begin, int64_t end, uint32_t slot) { return append_row(key, begin, end, groups_, slot, true, rows); },
      [&](int64_t begin) { changes.emplace_back(WindowGroups::table_key(key, begin), std::nullopt); });
}

Status Window::close_aligned(int64_t watermark, Delta& changes, BatchBuilder& rows) {
  for (uint32_t group = 0; group < keys_.slots(); ++group)
    if (keys_.index().has(group) && groups_.due(group) <= watermark)
      PENSTOCK_TRY(close_group(group, watermark, changes, rows));
  return ok();
}

Status Window::close_sessions(int64_t watermark, Delta& changes, BatchBuilder& rows) {
  while (!due_.empty() && due_.top().at <= watermark) {
    const Due due = due_.top();
    due_.pop();
    if (noted_[due.group] != due.at)
      continue;
    noted_[due.group] = WindowGroups::kNever;
    if (groups_.due(due.group) <= watermark)
      PENSTOCK_TRY(close_group(due.group, watermark, changes, rows));
    note_due(due.group);
  }
  return ok();
}

// What is in the table alone is as it was committed, but for windows that have been closed since: restore() passes over those.
Status Window::close_stored(int64_t watermark, Delta& changes, BatchBuilder& rows) {
  WindowGroups one(plan_);
  one.resize(1);
  one.set_closed(groups_.closed());
  std::string group_key;
  stored_due_ = WindowGroups::kNever;
  const auto finish = [&] {
    if (one.empty(0))
      return ok();
    PENSTOCK_TRY(one.close(
        0, watermark,
        [&](int64_t begin, int64_t end, uint32_t slot) {
          return append_row(group_key, begin, end, one, slot, true, rows);
        },
        [&](int64_t begin) { changes.emplace_back(WindowGroups::table_key(group_key, begin), std::nullopt); }));
    stored_due_ = std::min(stored_due_, one.due(0));
    one.clear(0);
    return ok();
  };
  Status status;
  bool resident = true;
  PENSTOCK_TRY(keys_.stored().scan([&](std::string_view key, std::string_view value) {
    if (key.starts_with(kClosedRow) || Watermark::is_key(key))
      return false;  // these come last
    const std::string_view group = routed_part(key);
    if (group != group_key || group_key.empty()) {
      status = finish();
      group_key = group;
      resident = keys_.index().find(group, hash_key(group)).has_value();
    }
    if (status.ok() && !resident)
      status = one.restore(0, WindowGroups::begin_of(key), value);
    return status.ok();
  }));
  PENSTOCK_TRY(status);
  return finish();
}

Status Window::show_early(BatchBuilder& rows) {
  const int64_t now = clock_.monotonic_nanos();
  if (!plan_.early_every || early_.empty() || now - early_nanos_ < plan_.early_every->micros * 1000)
    return ok();
  early_nanos_ = now;
  for (const uint32_t group : early_)
    if (keys_.index().has(group))
      PENSTOCK_TRY(groups_.each_open(group, false, [&](int64_t begin, int64_t end, uint32_t slot) {
        return append_row(keys_.index().key(group), begin, end, groups_, slot, false, rows);
      }));
  early_.clear();
  return ok();
}

Status Window::append_row(std::string_view group_key, int64_t begin, int64_t end, const WindowGroups& of, uint32_t slot,
                          bool final, BatchBuilder& rows) const {
  std::vector<ColumnBuilder*> keys;
  for (size_t c = 0; c < plan_.group_by.size(); ++c)
    keys.push_back(&rows.column(c));
  PENSTOCK_TRY(read_key(group_key, keys));
  size_t column = keys.size();
  rows.column(column++).append_int64(begin);
  rows.column(column++).append_int64(end);
  for (size_t a = 0; a < plan_.aggregates.size(); ++a)
    of.append_result(a, slot, rows.column(column++));
  if (plan_.early_every)
    rows.column(column).append_bool(final);
  return ok();
}

// Rows in the order in which their windows end.
BatchPtr Window::by_end(const BatchPtr& rows, size_t end_column) {
  const std::span<const int64_t> ends = rows->column(end_column)->int64s();
  if (std::is_sorted(ends.begin(), ends.end()))
    return rows;
  std::vector<uint32_t> order(rows->rows());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return ends[a] < ends[b]; });
  std::vector<ColumnPtr> columns;
  for (const ColumnPtr& column : rows->columns())
    columns.push_back(column->gather(order));
  return RecordBatch::make(rows->schema(), std::move(columns));
}

void Window::keep_closed(const RecordBatch& rows, Delta& changes) {
  const size_t groups = plan_.group_by.size();
  std::vector<size_t> key_columns(groups), value_columns(rows.schema()->size() - groups);
  std::iota(key_columns.begin(), key_columns.end(), 0);
  std::iota(value_columns.begin(), value_columns.end(), groups);
  const std::unique_lock lock(mutex_);
  for (size_t row = 0; row < rows.rows(); ++row) {
    const bool early = plan_.early_every && !rows.columns().back()->bools()[row];
    const int64_t begin = rows.column(groups)->int64s()[row];
    if (early || begin < plan_.horizon(groups_.closed()))
      continue;
    std::string group_key, key(1, kClosedRow), value(1, kVersion);
    row_key(rows, key_columns, row, group_key);
    WindowGroups::append_begin(begin, key);
    key += group_key;
    append_key(rows, value_columns, row, value);
    recent_[key] = {value, epoch_};
    changes.emplace_back(std::move(key), std::move(value));
  }
}

Status Window::drop_outlived(Delta& changes) {
  const int64_t horizon = plan_.horizon(groups_.closed());
  const auto outlived = [&](std::string_view key) {
    return WindowGroups::begin_of(key.substr(0, 1 + WindowGroups::kBeginBytes)) < horizon;
  };
  {
    const std::unique_lock lock(mutex_);
    std::erase_if(recent_, [&](const auto& row) {
      if (outlived(row.first))
        changes.emplace_back(row.first, std::nullopt);
      return outlived(row.first);
    });
  }
  if (!keys_.is_open())
    return ok();
  return keys_.stored().scan(
      [&](std::string_view key, std::string_view) {
        if (outlived(key))
          changes.emplace_back(std::string(key), std::nullopt);
        return outlived(key);
      },
      std::string_view(&kClosedRow, 1));
}

void Window::forget_if_empty(uint32_t group) {
  if (!groups_.empty(group))
    return;
  groups_.clear(group);
  if (group < noted_.size())
    noted_[group] = WindowGroups::kNever;
  keys_.forget(group);
}

void Window::spill() {
  constexpr size_t kGroupsALock = 256;  // a reader waits for no more
  std::vector<uint32_t> cold = keys_.to_spill();
  if (!early_.empty())  // they are to be shown first
    std::erase_if(cold, [&](uint32_t group) { return early_.contains(group); });
  for (size_t from = 0; from < cold.size(); from += kGroupsALock) {
    const std::unique_lock lock(mutex_);
    for (size_t i = from; i < std::min(cold.size(), from + kGroupsALock); ++i) {
      stored_due_ = std::min(stored_due_, groups_.due(cold[i]));
      groups_.clear(cold[i]);
      if (cold[i] < noted_.size())
        noted_[cold[i]] = WindowGroups::kNever;
      keys_.erase(cold[i]);
    }
  }
  keys_.report();
}

bool Window::waits_for_time() const {
  if (!early_.empty())
    return true;
  return watermark_.waits_for_time() && (keys_.size() > 0 || stored_due_ != WindowGroups::kNever);
}

}  // namespace penstock
