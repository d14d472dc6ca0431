#include "actors/aggregators/sessionize.h"

#include <algorithm>

#include "actors/stages/reject.h"
#include "messages/json_writer.h"

namespace penstock {

Sessionize::Sessionize(SessionizePlan plan, const Clock& clock)
    : KeyedProcess(plan.schema, {plan.schema->field(0)}),
      plan_(std::move(plan)),
      watermark_(clock, plan_.time.lateness, plan_.time.idle_timeout),
      closed_(plan_.schema) {
  for (const auto& [name, call] : plan_.aggregates)
    aggregates_.push_back(call.make_states());
}

Status Sessionize::open(StoredKeys stored, MemoryShare share) {
  PENSTOCK_TRY(watermark_.restore(stored));
  time_ = watermark_.value().micros;
  return KeyedProcess::open(std::move(stored), std::move(share));
}

Sessionize::Values Sessionize::evaluate(const RecordBatch& batch, std::vector<sql::RowError>& errors) const {
  Values out;
  const auto value = [&](const sql::Expression& expression) {
    sql::Evaluated evaluated = expression.evaluate(batch);
    errors.insert(errors.end(), evaluated.errors.begin(), evaluated.errors.end());
    return evaluated.column;
  };
  std::vector<ColumnPtr> first;
  for (const sql::Expression& expression : plan_.first)
    first.push_back(value(expression));
  if (!first.empty())
    out.first = RecordBatch::make(plan_.first_schema, std::move(first));
  for (const SessionizePlan::Collect& collect : plan_.collect)
    out.collect.push_back(value(collect.value));
  for (const auto& [name, call] : plan_.aggregates) {
    out.aggregates.push_back(call.evaluate(batch));
    for (const sql::RowError& error : out.aggregates.back().errors)
      errors.push_back({error.row, name + ": " + error.message});
  }
  return out;
}

Status Sessionize::process(const BatchPtr& given, StageOutput& out) {
  const size_t key[] = {plan_.session}, needed[] = {plan_.session, *plan_.time.time};
  BatchPtr batch = reject_bad_keys(given, key, needed, "sessionize", out.rejected);
  std::vector<sql::RowError> errors;
  Values values = evaluate(*batch, errors);
  if (!errors.empty()) {
    batch = reject_errors(batch, errors, "sessionize", out.rejected);
    values = evaluate(*batch, errors);
  }
  batch_keys_.encode(*batch, key);
  PENSTOCK_TRY(states_.fetch(batch_keys_));
  const auto times = batch->column(*plan_.time.time)->int64s();
  std::vector<uint32_t> groups(batch->rows());
  Selection late;
  {
    const auto held = states_.lock();
    groups_.clear();
    for (size_t i = 0; i < batch->rows(); ++i) {
      const size_t row = batch->row(i);
      const uint32_t slot = states_.take(batch_keys_.key(i), batch_keys_.hash(i));
      Session* session = session_of(slot, times[row]);
      states_.changed(slot);
      groups[i] = session ? *session->group : UINT32_MAX;
      if (session)
        take_in(*session, values, i, times[row]);
      else
        late.push_back(static_cast<uint32_t>(row));
    }
    PENSTOCK_TRY(aggregate(batch, values, groups, out));
  }
  if (!late.empty())
    out.sides.emplace_back("late", batch->select(std::move(late)));
  ++changes_;
  return ok();
}

Session* Sessionize::session_of(uint32_t slot, int64_t at) {
  Sessions& sessions = states_[slot];
  const std::vector<size_t> near = sessions.near(at, plan_.timeout);
  if (near.empty() && saturating_add(at, plan_.timeout) <= time_)
    return nullptr;
  Session session;
  session.start = session.last = at;
  if (!near.empty()) {  // one, or several that the event makes one
    session = std::move(sessions.all[near[0]]);
    join_batch(session, slot);
    for (size_t i = 1; i < near.size(); ++i)
      merge(session, std::move(sessions.all[near[i]]), slot);
    for (auto number = near.rbegin(); number != near.rend(); ++number)
      sessions.all.erase(sessions.all.begin() + static_cast<ptrdiff_t>(*number));
    session.start = std::min(session.start, at);
    session.last = std::max(session.last, at);
  }
  session.closed = false;
  session.changed = true;
  session.look_at = saturating_add(session.last, plan_.timeout);
  session.first.resize(plan_.first.size());
  session.lists.resize(plan_.collect.size());
  join_batch(session, slot);
  return &sessions.all[sessions.insert(std::move(session))];
}

void Sessionize::take_in(Session& session, const Values& values, size_t row, int64_t at) const {
  for (size_t f = 0; f < plan_.first.size(); ++f) {
    if (values.first->column(f)->is_null(row))
      continue;
    std::string value;
    append_key(*values.first, {&f, 1}, row, value);
    session.first[f].offer(at, value);
  }
  for (size_t c = 0; c < values.collect.size(); ++c) {
    if (values.collect[c]->is_null(row))
      continue;
    std::string value;
    append_value_json(*values.collect[c], row, value);
    session.lists[c].add(at, std::move(value), plan_.collect[c].distinct, plan_.collect[c].limit);
  }
}

}  // namespace penstock
