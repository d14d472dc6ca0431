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

size_t Reduce::bytes_a_group(const ReducePlan& plan) {
  size_t bytes = ResidentKeys::kBytesAKey;
  for (const ReducePlan::Aggregate& aggregate : plan.aggregates) {
    const auto states = aggregate.call.make_states();
    states->resize(1);
    bytes += states->memory(0);
  }
  return bytes;
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
    if (plan_.group_by.empty())
      key_bytes_ += kOnlyKey;
    else
      append_key(batch, plan_.group_by, batch.row(i), key_bytes_);
    key_ends_.push_back(key_bytes_.size());
    const std::string_view key = key_of_row(i);
    hashes_.push_back(hash_key(key));
    if (key.size() > kMaxKeyBytes)
      too_long.push_back({i, "the key has " + std::to_string(key.size()) + " bytes, and at most " +
                                 std::to_string(kMaxKeyBytes) + " can be stored"});
  }
  return too_long;
}

Result<ResidentKeys::Entries> Reduce::fetch_missing() const {
  std::vector<std::string_view> missing;
  if (!keys_.complete())
    for (size_t i = 0; i < hashes_.size(); ++i)
      if (!keys_.index().find(key_of_row(i), hashes_[i]))
        missing.push_back(key_of_row(i));
  return keys_.fetch_missing(std::move(missing));
}

void Reduce::find_groups() {
  constexpr size_t kAhead = 8;  // slots are fetched from memory while earlier keys are compared
  groups_.resize(hashes_.size());
  for (size_t i = 0; i < hashes_.size(); ++i) {
    if (i + kAhead < hashes_.size())
      keys_.index().prefetch(hashes_[i + kAhead]);
    groups_[i] = keys_.insert(key_of_row(i), hashes_[i]);
  }
}

void Reduce::resize_states() {
  for (const auto& states : states_)
    states->resize(keys_.slots());
}

void Reduce::measure(uint32_t group) {
  size_t bytes = 0;
  for (const auto& states : states_)
    bytes += states->memory(group);
  keys_.set_bytes(group, bytes);
}

Status Reduce::process(const BatchPtr& given, StageOutput& out) {
  BatchPtr batch = given;
  std::vector<sql::RowError> errors;
  std::vector<sql::AggregateInput> inputs = evaluate(*batch, errors);
  if (!errors.empty()) {
    batch = reject_errors(batch, errors, "aggregates", out.rejected);
    inputs = evaluate(*batch, errors);
  }
  std::vector<sql::RowError> too_long = encode_keys(*batch);
  if (!too_long.empty()) {
    batch = reject_errors(batch, too_long, "group_by", out.rejected);
    inputs = evaluate(*batch, errors);
    (void)encode_keys(*batch);
  }
  const size_t rows = batch->rows();
  if (rows == 0)
    return ok();
  if (keys_.slots() + rows > KeyIndex::kMostKeys)
    return resource_exhausted("a reduce holds at most " + std::to_string(KeyIndex::kMostKeys) + " groups a worker");

  // Only this thread changes the state, so it needs no lock to read it.
  PENSTOCK_ASSIGN(const ResidentKeys::Entries missing, fetch_missing());
  for (const auto& [key, value] : missing)
    PENSTOCK_TRY(restore(key, value));
  std::vector<sql::RowError> overflows;
  {
    const std::unique_lock lock(mutex_);
    find_groups();
    resize_states();
    for (size_t a = 0; a < inputs.size(); ++a)
      for (const sql::RowError& error : states_[a]->update(inputs[a], groups_))
        overflows.push_back({error.row, plan_.aggregates[a].name + ": " + error.message});
  }
  ++changes_;
  for (const uint32_t group : groups_)
    keys_.touch(group);
  reject_errors(batch, overflows, "aggregates", out.rejected);
  if (era_) {
    StageOutput told;  // what it rejects was rejected above
    PENSTOCK_TRY(era_->process(batch, told));
    keys_.set_fixed_bytes(era_->held());
  }
  return ok();
}

Status Reduce::open(StoredKeys stored, MemoryShare share) {
  table_ = stored.table();
  return keys_.open(std::move(stored), std::move(share),
                    [this](std::string_view key, std::string_view value) { return restore(key, value); });
}

Status Reduce::restore(std::string_view key, std::string_view value) {
  const std::unique_lock lock(mutex_);
  if (value.empty() || value.front() != kVersion)
    return data_loss("a group's state has an unknown format version");
  value.remove_prefix(1);
  const uint32_t group = keys_.insert(key, hash_key(key));
  resize_states();
  for (const auto& states : states_)
    PENSTOCK_TRY(states->decode(group, value));
  if (!value.empty())
    return data_loss("a group's state has " + std::to_string(value.size()) + " bytes too many");
  measure(group);
  BatchBuilder check(plan_.schema);
  return append_row(group, check);
}

Status Reduce::end_epoch(StageOutput& out) {
  if (!keys_.touched().empty()) {
    BatchBuilder rows(plan_.schema);
    out.changes.reserve(keys_.touched().size());
    for (const uint32_t group : keys_.touched()) {
      out.changes.emplace_back(std::string(keys_.index().key(group)), encode_states(group));
      PENSTOCK_TRY(append_row(group, rows));
      measure(group);
    }
    out.batches.push_back(rows.finish());
  }
  keys_.end_epoch();
  spill();
  return ok();
}

void Reduce::spill() {
  constexpr size_t kGroupsALock = 512;  // a reader waits for no more
  const std::vector<uint32_t> cold = keys_.to_spill();
  for (size_t from = 0; from < cold.size(); from += kGroupsALock) {
    const std::unique_lock lock(mutex_);
    for (size_t i = from; i < std::min(cold.size(), from + kGroupsALock); ++i) {
      for (const auto& states : states_)
        states->clear(cold[i]);
      keys_.erase(cold[i]);
    }
  }
  keys_.report();
}

}  // namespace penstock
