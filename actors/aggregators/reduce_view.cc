// What servers read of a reduce: its groups as rows, whether they are in memory or in the table alone.
#include <mutex>
#include <unordered_set>

#include "actors/aggregators/reduce.h"
#include "actors/aggregators/view_key.h"
#include "messages/key.h"

namespace penstock {

Status Reduce::append_row(uint32_t group, BatchBuilder& builder) const {
  std::vector<ColumnBuilder*> keys;
  for (size_t c = 0; c < plan_.group_by.size(); ++c)
    keys.push_back(&builder.column(c));
  PENSTOCK_TRY(read_key(keys_.index().key(group), keys));
  for (size_t a = 0; a < states_.size(); ++a)
    states_[a]->append_result(group, builder.column(keys.size() + a));
  return ok();
}

Status Reduce::decode_row(std::string_view key, std::string_view value, BatchBuilder& builder) const {
  Reduce one(plan_);
  PENSTOCK_TRY(one.restore(key, value));
  return one.append_row(0, builder);
}

Result<BatchPtr> Reduce::lookup(const std::vector<std::string>& key) const {
  const std::span<const Field> fields(plan_.schema->fields().data(), plan_.group_by.size());
  PENSTOCK_ASSIGN(const std::string bytes, parse_key(fields, key));
  BatchBuilder builder(plan_.schema);
  std::optional<StoredKeys> stored;  // landing goes over to another table
  {
    const std::shared_lock lock(mutex_);
    if (const auto group = keys_.index().find(bytes, hash_key(bytes))) {
      PENSTOCK_TRY(append_row(*group, builder));
      return builder.finish();
    }
    if (!keys_.may_be_stored(bytes))
      return BatchPtr();
    stored = keys_.stored();
  }
  PENSTOCK_ASSIGN(const auto value, stored->get(bytes));
  if (!value)
    return BatchPtr();
  PENSTOCK_TRY(decode_row(bytes, *value, builder));
  return builder.finish();
}

Result<BatchPtr> Reduce::read_all(size_t limit) const {
  BatchBuilder builder(plan_.schema);
  std::unordered_set<std::string> shown;
  bool complete = true;
  std::optional<StoredKeys> stored;
  {
    const std::shared_lock lock(mutex_);
    complete = keys_.complete();
    if (!complete)
      stored = keys_.stored();
    for (uint32_t group = 0; group < keys_.slots() && builder.rows() < limit; ++group) {
      if (!keys_.index().has(group))
        continue;
      PENSTOCK_TRY(append_row(group, builder));
      if (!complete)
        shown.emplace(keys_.index().key(group));
    }
  }
  Status status;
  if (!complete && builder.rows() < limit)
    PENSTOCK_TRY(stored->scan([&](std::string_view key, std::string_view value) {
      if (!shown.contains(std::string(key)))
        status = decode_row(key, value, builder);
      return status.ok() && builder.rows() < limit;
    }));
  PENSTOCK_TRY(status);
  return builder.finish();
}

size_t Reduce::keys() const {
  const std::shared_lock lock(mutex_);
  return keys_.size();
}

size_t Reduce::memory() const {
  const std::shared_lock lock(mutex_);
  return keys_.memory();
}

}  // namespace penstock
