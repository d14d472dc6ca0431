// What servers read of a window: the windows that are open, in memory or in the table alone, and the closed ones that are kept.
#include <numeric>
#include <unordered_set>

#include "actors/aggregators/view_key.h"
#include "actors/aggregators/window.h"
#include "messages/key.h"

namespace penstock {

// A copy of what the group has in memory, or else in the table; without windows if it has none.
Result<WindowGroups> Window::groups_of(std::string_view group_key) const {
  WindowGroups one(plan_);
  one.resize(1);
  {
    const std::shared_lock lock(mutex_);
    one.set_closed(groups_.closed());
    if (const auto group = keys_.index().find(group_key, hash_key(group_key))) {
      PENSTOCK_TRY(groups_.copy_to(*group, one));
      return one;
    }
    if (!keys_.may_be_stored(group_key))
      return one;
  }
  Status status;
  PENSTOCK_TRY(keys_.stored().scan(
      [&](std::string_view key, std::string_view value) {
        status = one.restore(0, WindowGroups::begin_of(key), value);
        return status.ok();
      },
      group_key));
  PENSTOCK_TRY(status);
  return one;
}

Result<BatchPtr> Window::lookup(const std::vector<std::string>& key) const {
  constexpr size_t kStartBytes = 1 + WindowGroups::kBeginBytes;  // as append_key writes a timestamp
  const std::span<const Field> fields(plan_.schema->fields().data(), plan_.group_by.size() + 1);
  PENSTOCK_ASSIGN(const std::string bytes, parse_key(fields, key));
  const int64_t begin = WindowGroups::begin_of(bytes);
  const std::string group_key(plan_.group_by.empty() ? kOnlyKey
                                                     : std::string_view(bytes).substr(0, bytes.size() - kStartBytes));
  BatchBuilder rows(plan_.schema);
  PENSTOCK_ASSIGN(WindowGroups group, groups_of(group_key));
  PENSTOCK_TRY(group.each_open(0, true, [&](int64_t from, int64_t to, uint32_t slot) {
    return from == begin ? append_row(group_key, from, to, group, slot, false, rows) : ok();
  }));
  if (rows.rows() > 0)
    return rows.finish();
  std::string closed(1, kClosedRow);
  WindowGroups::append_begin(begin, closed);
  closed += group_key;
  std::optional<std::string> value;
  {
    const std::shared_lock lock(mutex_);
    if (const auto recent = recent_.find(closed); recent != recent_.end())
      value = recent->second.value;
  }
  if (!value && plan_.retain > 0 && keys_.is_open() && keys_.stored().owns(closed)) {
    PENSTOCK_ASSIGN(value, keys_.stored().get(closed));
  }
  if (!value)
    return BatchPtr();
  PENSTOCK_TRY(append_closed(closed, *value, rows));
  return rows.finish();
}

Status Window::append_open(std::string_view group_key, WindowGroups& of, BatchBuilder& rows, size_t limit) const {
  return of.each_open(0, true, [&](int64_t begin, int64_t end, uint32_t slot) {
    return rows.rows() < limit ? append_row(group_key, begin, end, of, slot, false, rows) : ok();
  });
}

Status Window::append_closed(std::string_view key, std::string_view value, BatchBuilder& rows) const {
  if (value.empty() || value.front() != kVersion)
    return data_loss("a closed window has an unknown format version");
  std::vector<ColumnBuilder*> keys, values;
  for (size_t c = 0; c < plan_.schema->size(); ++c)
    (c < plan_.group_by.size() ? keys : values).push_back(&rows.column(c));
  PENSTOCK_TRY(read_key(key.substr(1 + WindowGroups::kBeginBytes), keys));
  return decode_key(value.substr(1), values);
}

Result<BatchPtr> Window::read_all(size_t limit) const {
  BatchBuilder rows(plan_.schema);
  std::unordered_set<std::string> shown;  // groups whose windows are in memory, and closed rows
  WindowGroups one(plan_);
  one.resize(1);
  bool complete = true;
  {
    const std::shared_lock lock(mutex_);
    one.set_closed(groups_.closed());
    complete = keys_.complete();
    for (uint32_t group = 0; group < keys_.slots() && rows.rows() < limit; ++group) {
      if (!keys_.index().has(group))
        continue;
      const std::string_view key = keys_.index().key(group);
      PENSTOCK_TRY(groups_.copy_to(group, one));
      PENSTOCK_TRY(append_open(key, one, rows, limit));
      one.clear(0);
      if (!complete)
        shown.emplace(key);
    }
    for (auto recent = recent_.begin(); recent != recent_.end() && rows.rows() < limit; ++recent) {
      PENSTOCK_TRY(append_closed(recent->first, recent->second.value, rows));
      shown.emplace(recent->first);
    }
  }
  if (rows.rows() >= limit || !keys_.is_open() || (complete && plan_.retain == 0))
    return rows.finish();
  std::string group_key;
  Status status;
  const auto finish = [&] {
    if (!group_key.empty())
      PENSTOCK_TRY(append_open(group_key, one, rows, limit));
    one.clear(0);
    return ok();
  };
  const auto visit = [&](std::string_view key, std::string_view value) {
    if (Watermark::is_key(key))
      return false;  // these come last
    if (key.starts_with(kClosedRow)) {
      if (!shown.contains(std::string(key)))
        status = append_closed(key, value, rows);
      return status.ok() && rows.rows() < limit;
    }
    if (const std::string_view group = routed_part(key); group != group_key) {
      status = finish();
      group_key = group;
    }
    if (status.ok() && !shown.contains(group_key))
      status = one.restore(0, WindowGroups::begin_of(key), value);
    return status.ok() && rows.rows() < limit;
  };
  if (!complete)
    PENSTOCK_TRY(keys_.stored().scan(visit));
  PENSTOCK_TRY(status);
  PENSTOCK_TRY(finish());
  if (complete && rows.rows() < limit)
    PENSTOCK_TRY(keys_.stored().scan(visit, std::string_view(&kClosedRow, 1)));
  PENSTOCK_TRY(status);
  return rows.finish();
}

size_t Window::keys() const {
  const std::shared_lock lock(mutex_);
  return keys_.size();
}

size_t Window::memory() const {
  const std::shared_lock lock(mutex_);
  return keys_.memory();
}

}  // namespace penstock
