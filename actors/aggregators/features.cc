#include "actors/aggregators/features.h"

#include <algorithm>

#include "actors/aggregators/view_key.h"

namespace penstock {

Features::Features(FeaturePlan plan, const Clock& clock)
    : plan_(std::move(plan)),
      watermark_(clock, plan_.time.lateness, plan_.time.idle_timeout),
      fold_(plan_),
      events_(plan_, fold_) {}

Status Features::open(StoredKeys stored, MemoryShare share) {
  PENSTOCK_TRY(watermark_.restore(stored));
  mark_ = watermark_.value().micros;
  return states_.open(std::move(stored), std::move(share));
}

Status Features::process(const BatchPtr& given, StageOutput& out) {
  BatchPtr late;
  const BatchPtr batch = events_.sort_out(given, mark_, "features", out.rejected, late);
  if (late)
    out.sides.emplace_back(kLate, late);
  if (batch->rows() == 0)
    return ok();
  out.sides.emplace_back(kEvents, batch);
  const auto history = [](FeatureHistory& state) -> FeatureHistory& { return state; };
  PENSTOCK_TRY(events_.take(batch, states_, history, "features", out.rejected, fresh_));
  ++changes_;
  return ok();
}

// What is due stays known; of a key that has expired long ago nothing does.
Status Features::fold_old() {
  PENSTOCK_ASSIGN(std::vector<uint32_t> slots, states_.take_due(mark_));
  slots.insert(slots.end(), fresh_.begin(), fresh_.end());
  const auto held = states_.lock();
  for (const uint32_t slot : slots) {
    PENSTOCK_TRY(fold_.fold(states_[slot], mark_));
    states_.changed(slot);
  }
  return ok();
}

Status Features::emit_changed(StageOutput& out) {
  if (fresh_.empty())
    return ok();
  std::sort(fresh_.begin(), fresh_.end());
  fresh_.erase(std::unique(fresh_.begin(), fresh_.end()), fresh_.end());
  BatchBuilder rows(plan_.schema);
  const auto held = states_.lock();
  for (const uint32_t slot : fresh_) {
    FeatureHistory& history = states_[slot];
    if (history.empty())
      continue;
    PENSTOCK_TRY(append_row(fold_, states_.key(slot), history, now_of(history), rows));
    PENSTOCK_TRY(fold_.keep_prefix(history, now_of(history)));
  }
  fresh_.clear();
  if (rows.rows() > 0)
    out.batches.push_back(rows.finish());
  return ok();
}

Status Features::end_epoch(StageOutput& out) {
  mark_ = watermark_.value().micros;
  PENSTOCK_TRY(fold_old());
  PENSTOCK_TRY(emit_changed(out));
  states_.end_epoch(out.changes);
  watermark_.end_epoch(out.changes);
  return ok();
}

int64_t Features::now_of(const FeatureHistory& history) const {
  const int64_t newest = history.newest();
  return std::max<int64_t>(mark_, newest == INT64_MAX ? newest : newest + 1);
}

// Nothing of a key that has expired.
Status Features::append_row(FeatureFold& fold, std::string_view key, const FeatureHistory& history, int64_t before,
                            BatchBuilder& rows) const {
  if (fold.known(history, before) != FeatureFold::Known::kYes)
    return ok();
  std::vector<ColumnBuilder*> columns;
  for (size_t c = 0; c < plan_.key.size(); ++c)
    columns.push_back(&rows.column(c));
  PENSTOCK_TRY(read_key(key, columns));
  return fold.read(history, before, rows, plan_.key.size());
}

Result<Features::Answer> Features::read(const std::vector<std::string>& key, std::optional<Timestamp> at) const {
  const std::span<const Field> fields(plan_.schema->fields().data(), plan_.key.size());
  PENSTOCK_ASSIGN(const std::string bytes, parse_key(fields, key));
  Answer answer;
  const Status looked = states_.look(bytes, [&](const FeatureHistory& history) -> Status {
    FeatureFold fold(plan_);
    const int64_t before = at ? (at->micros == INT64_MAX ? INT64_MAX : at->micros + 1) : now_of(history);
    answer.known = fold.known(history, before);
    answer.newest = Timestamp{fold.newest(history, before)};
    answer.oldest = Timestamp{history.base_at};
    BatchBuilder rows(plan_.schema);
    PENSTOCK_TRY(append_row(fold, bytes, history, before, rows));
    if (rows.rows() > 0)
      answer.row = rows.finish();
    return ok();
  });
  PENSTOCK_TRY(looked);
  return answer;
}

Result<BatchPtr> Features::lookup(const std::vector<std::string>& key) const {
  PENSTOCK_ASSIGN(const Answer answer, read(key, std::nullopt));
  return answer.row;
}

Result<BatchPtr> Features::read_all(size_t limit) const {
  BatchBuilder rows(plan_.schema);
  FeatureFold fold(plan_);
  PENSTOCK_TRY(states_.visit(
      [&](std::string_view key, const FeatureHistory& history) {
        return append_row(fold, key, history, now_of(history), rows);
      },
      [&] { return rows.rows() >= limit; }));
  return rows.finish();
}

}  // namespace penstock
