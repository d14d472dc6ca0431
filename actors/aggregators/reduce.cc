#include "actors/aggregators/reduce.h"

#include <algorithm>
#include <mutex>

#include "actors/aggregators/view_key.h"
#include "actors/stages/reject.h"
#include "messages/key.h"
#include "storage/limits.h"

namespace penstock {

Reduce::Reduce(ReducePlan plan) : plan_(std::move(plan)) {
  for (const ReducePlan::Aggregate& aggregate : plan_.aggregates)
    states_.push_back(aggregate.call.make_states());
}

std::vector<sql::AggregateInput> Reduce::evaluate(const RecordBatch& batch, std::vector<sql::RowError>& errors) const {
  std::vector<sql::AggregateInput> inputs;
  for (const ReducePlan::Aggregate& aggregate : plan_.aggregates) {
    inputs.push_back(aggregate.call.evaluate(batch));
    for (const sql::RowError& error : inputs.back().errors)
      errors.push_back({error.row, aggregate.name + ": " + error.message});
  }
  return inputs;
}

std::vector<sql::RowError> Reduce::encode_keys(const RecordBatch& batch) {
  std::vector<sql::RowError> too_long;
  key_bytes_.clear();
  key_ends_.assign(1, 0);
  hashes_.clear();
  for (size_t i = 0; i < batch.rows(); ++i) {
    append_key(batch, plan_.group_by, batch.row(i), key_bytes_);
    const std::string_view key = std::string_view(key_bytes_).substr(key_ends_.back());
    hashes_.push_back(hash_key(key));
    key_ends_.push_back(key_bytes_.size());
    if (key.size() > kMaxKeyBytes)
      too_long.push_back({i, "the key has " + std::to_string(key.size()) + " bytes, and at most " +
                                 std::to_string(kMaxKeyBytes) + " can be stored"});
  }
  return too_long;
}

void Reduce::find_groups(size_t rows) {
  constexpr size_t kAhead = 8;  // slots are fetched from memory while earlier keys are compared
  groups_.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    if (i + kAhead < rows)
      index_.prefetch(hashes_[i + kAhead]);
    const std::string_view key(key_bytes_.data() + key_ends_[i], key_ends_[i + 1] - key_ends_[i]);
    groups_[i] = index_.insert(key, hashes_[i]);
  }
}

void Reduce::resize_states() {
  for (const auto& states : states_)
    states->resize(index_.size());
  is_changed_.resize(index_.size());
}

Status Reduce::process(const BatchPtr& given, StageOutput& out) {
  BatchPtr batch = given;
  std::vector<sql::RowError> errors;
  std::vector<sql::AggregateInput> inputs = evaluate(*batch, errors);
  if (!errors.empty()) {
    batch = reject_errors(batch, errors, "aggregates", out.rejected);
    inputs = evaluate(*batch, errors);
  }
  if (!plan_.group_by.empty()) {
    std::vector<sql::RowError> too_long = encode_keys(*batch);
    if (!too_long.empty()) {
      batch = reject_errors(batch, too_long, "group_by", out.rejected);
      inputs = evaluate(*batch, errors);
      (void)encode_keys(*batch);
    }
  }
  const size_t rows = batch->rows();
  if (rows == 0)
    return ok();

  std::vector<sql::RowError> overflows;
  {
    const std::unique_lock lock(mutex_);
    if (index_.size() + rows > KeyIndex::kMostKeys)
      return resource_exhausted("a reduce holds at most " + std::to_string(KeyIndex::kMostKeys) + " groups a worker");
    if (plan_.group_by.empty())
      groups_.assign(rows, index_.insert(kOnlyKey, hash_key(kOnlyKey)));
    else
      find_groups(rows);
    resize_states();
    for (size_t a = 0; a < inputs.size(); ++a)
      for (const sql::RowError& error : states_[a]->update(inputs[a], groups_))
        overflows.push_back({error.row, plan_.aggregates[a].name + ": " + error.message});
  }
  for (const uint32_t group : groups_)
    if (!is_changed_[group]) {
      is_changed_[group] = 1;
      changed_.push_back(group);
    }
  reject_errors(batch, overflows, "aggregates", out.rejected);
  return ok();
}

Status Reduce::restore(std::string_view key, std::string_view value) {
  const std::unique_lock lock(mutex_);
  if (value.empty() || value.front() != kVersion)
    return data_loss("a group's state has an unknown format version");
  value.remove_prefix(1);
  const uint32_t group = index_.insert(key, hash_key(key));
  resize_states();
  for (const auto& states : states_)
    PENSTOCK_TRY(states->decode(group, value));
  if (!value.empty())
    return data_loss("a group's state has " + std::to_string(value.size()) + " bytes too many");
  BatchBuilder check(plan_.schema);
  return append_row(group, check);
}

Status Reduce::append_row(uint32_t group, BatchBuilder& builder) const {
  std::vector<ColumnBuilder*> keys;
  for (size_t c = 0; c < plan_.group_by.size(); ++c)
    keys.push_back(&builder.column(c));
  PENSTOCK_TRY(read_key(index_.key(group), keys));
  for (size_t a = 0; a < states_.size(); ++a)
    states_[a]->append_result(group, builder.column(keys.size() + a));
  return ok();
}

Status Reduce::end_epoch(StageOutput& out) {
  if (changed_.empty())
    return ok();
  // Only this thread changes the state, so it needs no lock to read it.
  BatchBuilder rows(plan_.schema);
  out.changes.reserve(changed_.size());
  for (const uint32_t group : changed_) {
    std::string value(1, kVersion);
    for (const auto& states : states_)
      states->encode(group, value);
    out.changes.emplace_back(std::string(index_.key(group)), std::move(value));
    PENSTOCK_TRY(append_row(group, rows));
    is_changed_[group] = 0;
  }
  out.batches.push_back(rows.finish());
  changed_.clear();
  return ok();
}

Result<BatchPtr> Reduce::lookup(const std::vector<std::string>& key) const {
  const std::span<const Field> fields(plan_.schema->fields().data(), plan_.group_by.size());
  PENSTOCK_ASSIGN(const std::string bytes, parse_key(fields, key));
  const std::shared_lock lock(mutex_);
  const std::optional<uint32_t> group = index_.find(bytes, hash_key(bytes));
  if (!group)
    return BatchPtr();
  BatchBuilder builder(plan_.schema);
  PENSTOCK_TRY(append_row(*group, builder));
  return builder.finish();
}

Result<BatchPtr> Reduce::read_all(size_t limit) const {
  const std::shared_lock lock(mutex_);
  BatchBuilder builder(plan_.schema);
  for (uint32_t group = 0; group < std::min(limit, index_.size()); ++group)
    PENSTOCK_TRY(append_row(group, builder));
  return builder.finish();
}

size_t Reduce::keys() const {
  const std::shared_lock lock(mutex_);
  return index_.size();
}

size_t Reduce::memory() const {
  const std::shared_lock lock(mutex_);
  size_t total = index_.memory() + is_changed_.capacity();
  for (const auto& states : states_)
    total += states->memory();
  return total;
}

}  // namespace penstock
