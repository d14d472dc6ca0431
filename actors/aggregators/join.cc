#include "actors/aggregators/join.h"

#include <algorithm>

#include "actors/stages/reject.h"
#include "messages/key.h"
#include "storage/limits.h"

namespace penstock {
namespace {

constexpr size_t kLeft = JoinPlan::kLeft, kRight = JoinPlan::kRight;

int64_t plus(int64_t time, int64_t more) {
  int64_t sum;
  if (__builtin_add_overflow(time, more, &sum))
    return more > 0 ? INT64_MAX : INT64_MIN;
  return sum;
}

}  // namespace

Join::Join(JoinPlan plan, const Clock& clock)
    : plan_(std::move(plan)),
      clock_(clock),
      watermark_(clock, plan_.lateness, plan_.idle_timeout),
      mark_(Watermark::kNone.micros),
      right_mark_(Watermark::kNone.micros),
      rows_(plan_) {}

std::vector<Join::Keyed> Join::sort_out(size_t side, const BatchPtr& batch, StageOutput& out) {
  const JoinPlan::Side& of = plan_.sides[side];
  std::vector<Keyed> rows;
  std::vector<sql::RowError> errors;
  Selection late;
  for (size_t i = 0; i < batch->rows(); ++i) {
    const size_t row = batch->row(i);
    if (of.time && batch->column(*of.time)->is_null(row)) {
      errors.push_back({i, batch->schema()->field(*of.time).name + " is null, but the join goes by it"});
      continue;
    }
    if (plan_.mode == JoinPlan::Mode::kStream && time_of(side, *batch, row) < mark_) {
      late.push_back(static_cast<uint32_t>(row));
      continue;
    }
    Keyed keyed{row, {}, 0};
    if (std::any_of(of.key.begin(), of.key.end(), [&](size_t column) { return batch->column(column)->is_null(row); })) {
      if (side == kLeft)
        rows.push_back(std::move(keyed));  // finds nothing
      continue;
    }
    append_key(*batch, of.key, row, keyed.key);
    if (keyed.key.size() > kMaxKeyBytes) {
      errors.push_back({i, "the key has " + std::to_string(keyed.key.size()) + " bytes, and at most " +
                               std::to_string(kMaxKeyBytes) + " can be stored"});
      continue;
    }
    keyed.hash = hash_key(keyed.key);
    rows.push_back(std::move(keyed));
  }
  reject_errors(batch, errors, "join", out.rejected);
  if (!late.empty())
    out.sides.emplace_back(side == kLeft ? kLate : kLateRight, batch->select(std::move(late)));
  return rows;
}

int64_t Join::time_of(size_t side, const RecordBatch& batch, size_t row) const {
  const std::optional<size_t>& column = plan_.sides[side].time;
  return column ? batch.column(*column)->int64s()[row] : 0;
}

Status Join::fetch(std::vector<std::string_view> keys) {
  if (keys_.complete())
    return ok();
  std::erase_if(keys, [&](std::string_view key) { return keys_.index().find(key, hash_key(key)).has_value(); });
  PENSTOCK_ASSIGN(const ResidentKeys::Entries missing, keys_.fetch_missing(std::move(keys)));
  for (const auto& [key, value] : missing)
    PENSTOCK_TRY(restore(key, value));
  return ok();
}

uint32_t Join::insert(std::string_view key, uint64_t hash) {
  const uint32_t slot = keys_.insert(key, hash);
  if (slot >= states_.size())
    states_.resize(slot + 1);
  return slot;
}

void Join::touch(uint32_t slot) {
  keys_.touch(slot);
  states_[slot].emptied = 0;
}

Status Join::process_input(size_t side, const BatchPtr& batch, StageOutput& out) {
  std::vector<Keyed> rows = sort_out(side, batch, out);
  if (keys_.slots() + rows.size() > KeyIndex::kMostKeys)
    return resource_exhausted("a join holds at most " + std::to_string(KeyIndex::kMostKeys) + " keys a worker");
  std::vector<bool> deleted;
  if (side == kRight && plan_.deleted) {
    const sql::Selected gone = plan_.deleted->select(*batch);
    reject_errors(batch, gone.errors, "deleted", out.rejected);
    deleted.resize(batch->physical_rows());
    for (const uint32_t row : gone.rows)
      deleted[row] = true;
    for (const sql::RowError& error : gone.errors)
      std::erase_if(rows, [&](const Keyed& keyed) { return keyed.row == batch->row(error.row); });
  }
  std::vector<std::string_view> keys;
  for (const Keyed& row : rows)
    if (!row.key.empty())
      keys.push_back(row.key);
  PENSTOCK_TRY(fetch(std::move(keys)));
  for (const Keyed& row : rows) {
    if (plan_.mode == JoinPlan::Mode::kStream)
      PENSTOCK_TRY(pair_up(side, *batch, row));
    else if (side == kLeft)
      PENSTOCK_TRY(take_left(*batch, row));
    else
      PENSTOCK_TRY(take_right(*batch, row, !deleted.empty() && deleted[row.row]));
    if (rows_.is_full())
      rows_.flush(out);
  }
  rows_.flush(out);
  return ok();
}

// A left row of a join with a table.
Status Join::take_left(const RecordBatch& batch, const Keyed& row) {
  const int64_t time = time_of(kLeft, batch, row.row);
  const std::optional<uint32_t> slot = row.key.empty() ? std::nullopt : find(row);
  const JoinRow* found = nullptr;
  if (slot && plan_.mode == JoinPlan::Mode::kAsOf)
    found = states_[*slot].version_at(time);
  else if (slot && !states_[*slot].sides[kRight].empty())
    found = &states_[*slot].sides[kRight].front();
  const bool is_final = plan_.mode == JoinPlan::Mode::kAsOf ? time < right_mark_ : found != nullptr;
  if (plan_.wait.micros > 0 && !is_final && !row.key.empty())
    return keep_waiting(batch, row, time);
  if (found)
    return rows_.add(batch, row.row, found->bytes);
  return plan_.keeps_unmatched ? rows_.add(batch, row.row, std::nullopt) : ok();
}

Status Join::keep_waiting(const RecordBatch& batch, const Keyed& row, int64_t time) {
  const uint32_t slot = insert(row.key, row.hash);
  states_[slot].insert(kLeft, {time, plus(clock_.now().micros, plan_.wait.micros), false,
                               pack_row(batch, plan_.sides[kLeft].columns, row.row)});
  touch(slot);
  set_timers(slot);
  return ok();
}

// A row of the table.
Status Join::take_right(const RecordBatch& batch, const Keyed& row, bool deleted) {
  const bool as_of = plan_.mode == JoinPlan::Mode::kAsOf;
  if (deleted && !as_of && !find(row))
    return ok();
  const uint32_t slot = insert(row.key, row.hash);
  JoinState& state = states_[slot];
  touch(slot);
  JoinRow kept{time_of(kRight, batch, row.row), JoinRow::kNever, deleted, {}};
  if (!deleted)
    kept.bytes = pack_row(batch, plan_.sides[kRight].columns, row.row);
  if (as_of) {
    state.put_version(std::move(kept));
    if (plan_.retain && mark_ != Watermark::kNone.micros)
      state.drop_versions_before(plus(mark_, -plan_.retain->micros));
    return ok();
  }
  state.sides[kRight].clear();
  if (deleted)
    return ok();
  state.sides[kRight].push_back(std::move(kept));
  PENSTOCK_TRY(answer(state, [](const JoinRow&) { return true; }));
  set_timers(slot);
  return ok();
}

Status Join::answer(JoinState& state, const std::function<bool(const JoinRow&)>& which) {
  const bool as_of = plan_.mode == JoinPlan::Mode::kAsOf;
  const auto& table = state.sides[kRight];
  for (const JoinRow& left : state.sides[kLeft]) {
    if (!which(left))
      continue;
    const JoinRow* found = as_of ? state.version_at(left.time) : table.empty() ? nullptr : &table.front();
    if (found)
      PENSTOCK_TRY(rows_.add(left.bytes, found->bytes));
    else if (plan_.keeps_unmatched)
      PENSTOCK_TRY(rows_.add(left.bytes, std::nullopt));
  }
  std::erase_if(state.sides[kLeft], which);
  return ok();
}

// A row of one of two streams.
Status Join::pair_up(size_t side, const RecordBatch& batch, const Keyed& row) {
  if (row.key.empty())
    return plan_.keeps_unmatched ? rows_.add(batch, row.row, std::nullopt) : ok();
  const uint32_t slot = insert(row.key, row.hash);
  JoinState& state = states_[slot];
  touch(slot);
  JoinRow kept{time_of(side, batch, row.row), JoinRow::kNever, false,
               pack_row(batch, plan_.sides[side].columns, row.row)};
  const int64_t before = side == kLeft ? plan_.before.micros : plan_.after.micros;
  const int64_t after = side == kLeft ? plan_.after.micros : plan_.before.micros;
  std::vector<JoinRow>& others = state.sides[1 - side];
  auto other = std::lower_bound(others.begin(), others.end(), plus(kept.time, -before),
                                [](const JoinRow& left, int64_t time) { return left.time < time; });
  for (; other != others.end() && other->time <= plus(kept.time, after); ++other) {
    other->flag = kept.flag = true;
    PENSTOCK_TRY(side == kLeft ? rows_.add(kept.bytes, other->bytes) : rows_.add(other->bytes, kept.bytes));
  }
  state.insert(side, std::move(kept));
  set_timers(slot);
  return ok();
}

}  // namespace penstock
