// A reduce beside the history that is recomputed meanwhile: its era, and what becomes of it. The era is a reduce of its own, which
// is given the same rows, holds only what came since it began, and has no table.
#include <mutex>

#include "actors/aggregators/reduce.h"
#include "messages/json_writer.h"
#include "messages/key.h"

namespace penstock {

void Reduce::begin_era(const std::string& run) {
  era_ = std::make_unique<Reduce>(plan_);
  era_run_ = run;
  keys_.set_fixed_bytes(0);
}

void Reduce::drop_era() {
  era_.reset();
  era_run_.clear();
  keys_.set_fixed_bytes(0);
}

size_t Reduce::held() const {
  size_t bytes = keys_.size() * ResidentKeys::kBytesAKey + keys_.index().memory();
  for (const auto& states : states_)
    bytes += states->memory();
  return bytes;
}

std::string Reduce::encode_states(uint32_t group) const {
  std::string value(1, kVersion);
  for (const auto& states : states_)
    states->encode(group, value);
  return value;
}

Status Reduce::merge_entries(std::string& earlier, std::string_view later) {
  if (!scratch_) {
    scratch_ = std::make_unique<Reduce>(plan_);
    for (const auto& states : scratch_->states_)
      states->resize(1);
  }
  std::string_view entry = earlier;
  if (entry.empty() || later.empty() || entry.front() != kVersion || later.front() != kVersion)
    return data_loss("a group's state has an unknown format version");
  entry.remove_prefix(1);
  later.remove_prefix(1);
  for (size_t a = 0; a < scratch_->states_.size(); ++a) {
    PENSTOCK_TRY(scratch_->states_[a]->decode(0, entry));
    PENSTOCK_TRY(scratch_->states_[a]->merge(0, later).with_context(plan_.aggregates[a].name));
  }
  if (!entry.empty() || !later.empty())
    return data_loss("a group's state has bytes too many");
  earlier = scratch_->encode_states(0);
  return ok();
}

Result<std::string> Reduce::entry_of(std::string_view key) const {
  if (const auto group = keys_.index().find(key, hash_key(key)))
    return encode_states(*group);
  if (!keys_.may_be_stored(key))
    return std::string();
  PENSTOCK_ASSIGN(auto value, keys_.stored().get(key));
  return value ? std::move(*value) : std::string();
}

Result<std::string> Reduce::row_text(std::string_view key, std::string_view entry) const {
  if (entry.empty())
    return std::string();
  BatchBuilder row(plan_.schema);
  PENSTOCK_TRY(decode_row(key, entry, row));
  return row_to_json(*row.finish(), 0);
}

Status Reduce::land(const std::string& table, StageOutput& out) {
  const StoredKeys stored = keys_.stored().of(table);
  std::vector<std::pair<std::string, std::string>> merged;  // the keys of the era
  for (uint32_t group = 0; group < era_->keys_.slots(); ++group) {
    const std::string_view key = era_->keys_.index().key(group);
    std::string entry = era_->encode_states(group);
    PENSTOCK_ASSIGN(auto before, stored.get(key));
    if (before) {
      PENSTOCK_TRY(merge_entries(*before, entry));
      entry = std::move(*before);
    }
    merged.emplace_back(key, std::move(entry));
  }
  {
    const std::unique_lock lock(mutex_);
    keys_.reopen(stored);
    for (const auto& states : states_)
      states->resize(0);
    table_ = table;
  }
  drop_era();
  BatchBuilder rows(plan_.schema);
  for (auto& [key, entry] : merged) {
    PENSTOCK_TRY(restore(key, entry));
    const uint32_t group = *keys_.index().find(key, hash_key(key));
    keys_.touch_late(group);
    PENSTOCK_TRY(append_row(group, rows));
    out.changes.emplace_back(key, std::move(entry));
  }
  ++changes_;
  if (rows.rows() > 0)
    out.batches.push_back(rows.finish());
  return ok();
}

// Histories are equal if their states are; states that depend on how the rows came together (sketches, say) if their
// results are.
Result<EntryComparison> Reduce::compare(const std::string& table, uint64_t slice, uint64_t slices) {
  EntryComparison comparison;
  Status status;
  const auto in_slice = [&](std::string_view key) { return hash_key(key) % slices == slice; };
  const auto look_at = [&](std::string_view key, const std::string& history) -> Status {
    ++comparison.keys;
    PENSTOCK_ASSIGN(const std::string view, entry_of(key));
    if (view == history)
      return ok();
    PENSTOCK_ASSIGN(std::string history_row, row_text(key, history));
    PENSTOCK_ASSIGN(std::string view_row, row_text(key, view));
    if (history_row != view_row)
      comparison.add({std::string(key), std::move(history_row), std::move(view_row)});
    return ok();
  };
  const StoredKeys stored = keys_.stored().of(table);
  PENSTOCK_TRY(stored.scan([&](std::string_view key, std::string_view value) {
    if (!in_slice(key))
      return true;
    std::string history(value);
    if (const auto group = era_->keys_.index().find(key, hash_key(key)))
      status = merge_entries(history, era_->encode_states(*group));
    if (status.ok())
      status = look_at(key, history);
    return status.ok();
  }));
  PENSTOCK_TRY(status);
  for (uint32_t group = 0; group < era_->keys_.slots(); ++group) {
    const std::string_view key = era_->keys_.index().key(group);
    if (!in_slice(key))
      continue;
    PENSTOCK_ASSIGN(const auto before, stored.get(key));
    if (!before)
      PENSTOCK_TRY(look_at(key, era_->encode_states(group)));
  }
  // What the view has and history has not.
  const auto look_for = [&](std::string_view key) -> Status {
    if (!in_slice(key) || era_->keys_.index().find(key, hash_key(key)))
      return ok();
    PENSTOCK_ASSIGN(const auto before, stored.get(key));
    return before ? ok() : look_at(key, "");
  };
  for (uint32_t group = 0; group < keys_.slots(); ++group)
    if (keys_.index().has(group))
      PENSTOCK_TRY(look_for(keys_.index().key(group)));
  if (!keys_.complete())
    PENSTOCK_TRY(keys_.stored().scan([&](std::string_view key, std::string_view) {
      if (!keys_.index().find(key, hash_key(key)))
        status = look_for(key);
      return status.ok();
    }));
  PENSTOCK_TRY(status);
  return comparison;
}

}  // namespace penstock
