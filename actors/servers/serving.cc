#include "actors/servers/serving.h"

namespace penstock {
namespace {

constexpr size_t kBytesAnIdToRow = 72;  // the id, the row, a node and a bucket of the map

}  // namespace

Serving::Serving(ModelSnapshotPtr snapshot, ModelSnapshotPtr trained, uint64_t fans, ModelVersion version)
    : snapshot_(std::move(snapshot)), trained_(std::move(trained)), fans_(fans), version_(std::move(version)) {
  const std::vector<std::string>& items = snapshot_->items();
  by_id_.reserve(items.size());
  for (size_t row = 0; row < items.size(); ++row)
    by_id_.emplace(items[row], static_cast<int32_t>(row));
}

uint64_t Serving::memory() const {
  const bool folded_in = snapshot_ != trained_;
  return snapshot_->memory() + (folded_in ? trained_->memory() : 0) + by_id_.size() * kBytesAnIdToRow;
}

int32_t Serving::row(const std::string& item) const {
  const auto found = by_id_.find(item);
  return found == by_id_.end() ? -1 : found->second;
}

std::vector<int32_t> Serving::rows(const std::vector<std::string>& items) const {
  std::vector<int32_t> out;
  for (const std::string& item : items)
    if (const int32_t known = row(item); known >= 0)
      out.push_back(known);
  return out;
}

Serving::Rows Serving::rows_of(const IdMap& ids) const {
  Rows present;
  {
    const std::lock_guard lock(mutex_);
    if (ids_ == &ids)
      present = rows_;
  }
  const uint32_t size = ids.size();
  if (present && present->size() >= size)
    return present;
  auto made = present ? std::make_shared<std::vector<int32_t>>(*present) : std::make_shared<std::vector<int32_t>>();
  made->reserve(size);
  for (auto item = static_cast<uint32_t>(made->size()); item < size; ++item)
    made->push_back(row(ids.id(item)));
  const std::lock_guard lock(mutex_);
  ids_ = &ids;
  rows_ = made;
  return made;
}

std::vector<ItemWeight> Serving::translate(const IdMap& ids, const UserHistory& history) const {
  const Rows rows = rows_of(ids);
  std::vector<ItemWeight> items;
  items.reserve(history.items->size());
  for (const HistoryItem& item : *history.items)
    if (item.item < rows->size() && (*rows)[item.item] >= 0)
      items.push_back({(*rows)[item.item], item.weight});
  return items;
}

}  // namespace penstock
