// What is read of a sort, and how its rows move to the table when memory is short.
#include <algorithm>
#include <charconv>
#include <mutex>

#include "actors/aggregators/sort.h"
#include "actors/aggregators/view_key.h"

namespace penstock {
namespace {

constexpr size_t kLeast = 1 << 20;   // what a sort keeps however full the node is, unless its own limit is less
constexpr size_t kPlaceBytes = 160;  // of a known place: a node of the map, the key and the place

}  // namespace

bool Sort::is_too_large() const {
  if (!plan_.of_view || !stored_)
    return false;
  return (share_.limit > 0 && bytes_ > share_.limit) ||
         (bytes_ > kLeast && share_.node_is_full && share_.node_is_full());
}

// All rows are changes of this epoch once more, so all places are known until it is committed.
void Sort::move_to_table(Delta& changes) {
  order_in_table_ = std::make_unique<StoredOrder>(*stored_, epoch_);
  while (!rows_.empty()) {
    auto row = rows_.extract(rows_.begin());
    order_in_table_->put(std::move(row.key()), encode(row.mapped()));
  }
  order_in_table_->end_epoch(true, changes);
  for (auto& [key, place] : places_)
    place.epoch = epoch_;
  bytes_ = 0;
  count_ = 0;
}

Status Sort::fetch_places(const RecordBatch& batch, size_t from, size_t to) {
  std::vector<std::pair<std::string, std::string>> found;
  std::string key;
  for (size_t i = from; i < to; ++i) {
    row_key(batch, plan_.view_key, batch.row(i), key);
    if (places_.contains(key))
      continue;
    PENSTOCK_ASSIGN(const auto value, stored_->get(key));
    if (!value)
      continue;
    PENSTOCK_ASSIGN(const Entry entry, decode(*value));
    PENSTOCK_ASSIGN(std::string place, place_of(entry, key));
    found.emplace_back(key, std::move(place));
  }
  const std::unique_lock lock(mutex_);
  for (auto& [view_key, place] : found)
    places_[view_key] = {std::move(place), epoch_};
  return ok();
}

Status Sort::each_row(const std::function<bool(const Entry&)>& visit) const {
  {
    const std::shared_lock lock(mutex_);
    if (!order_in_table_) {
      for (const auto& [place, entry] : rows_)
        if (!visit(entry))
          break;
      return ok();
    }
  }
  Status status;
  PENSTOCK_TRY(order_in_table_->each(mutex_, [&](std::string_view, std::string_view value) {
    const auto entry = decode(value);
    status = entry.status();
    return entry.ok() && visit(*entry);
  }));
  return status;
}

// The changed rows that are among the first `limit`, in order.
Status Sort::emit_changed(StageOutput& out) {
  BatchBuilder builder(plan_.schema);
  Status status;
  const bool is_cut = plan_.of_view && plan_.limit > 0;
  uint64_t rank = 0;
  if (order_in_table_ && is_cut) {
    PENSTOCK_TRY(order_in_table_->each(mutex_, [&](std::string_view place, std::string_view value) {
      if (changed_places_.contains(place)) {
        const auto entry = decode(value);
        status = entry.ok() ? append_row(*entry, builder) : entry.status();
      }
      return status.ok() && ++rank < plan_.limit;
    }));
  }
  auto row = rows_.begin();
  for (const std::string& place : changed_places_) {
    if (order_in_table_) {
      if (is_cut)
        break;
      PENSTOCK_ASSIGN(const Entry entry, decode(order_in_table_->recent(place)));
      PENSTOCK_TRY(append_row(entry, builder));
      continue;
    }
    // Ranks only matter where a view is cut off; an ordinary input holds no more than its limit.
    for (; is_cut && row != rows_.end() && row->first < place && rank < plan_.limit; ++row)
      ++rank;
    if (is_cut && rank >= plan_.limit)
      break;
    if (const auto entry = rows_.find(place); entry != rows_.end())
      PENSTOCK_TRY(append_row(entry->second, builder));
  }
  PENSTOCK_TRY(status);
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
  if (plan_.limit > 0 && rank > plan_.limit)
    return BatchPtr();
  BatchBuilder builder(plan_.schema);
  Status status;
  uint64_t before = 0;
  PENSTOCK_TRY(each_row([&](const Entry& entry) {
    before += entry.count;
    if (before >= rank)
      status = append_row(entry, builder);
    return before < rank;
  }));
  PENSTOCK_TRY(status);
  return builder.rows() > 0 ? builder.finish() : BatchPtr();
}

Result<BatchPtr> Sort::read_all(size_t limit) const {
  uint64_t left = plan_.limit > 0 ? std::min<uint64_t>(limit, plan_.limit) : limit;
  BatchBuilder builder(plan_.schema);
  Status status;
  if (left > 0)
    PENSTOCK_TRY(each_row([&](const Entry& entry) {
      for (uint64_t i = 0; i < entry.count && left > 0 && status.ok(); ++i, --left)
        status = append_row(entry, builder);
      return left > 0 && status.ok();
    }));
  PENSTOCK_TRY(status);
  return builder.finish();
}

size_t Sort::keys() const {
  const std::shared_lock lock(mutex_);
  return order_in_table_ ? places_.size() : count_;
}

size_t Sort::memory() const {
  const std::shared_lock lock(mutex_);
  return order_in_table_ ? order_in_table_->memory() + places_.size() * kPlaceBytes : bytes_;
}

}  // namespace penstock
