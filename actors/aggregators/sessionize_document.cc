// How a session of `sessionize` becomes a document, closes, merges and counts.
#include <algorithm>

#include "actors/aggregators/sessionize.h"
#include "actors/stages/reject.h"

namespace penstock {

Status Sessionize::append_document(std::string_view key, const Session& session, BatchBuilder& rows) const {
  if (session.first.size() != plan_.first.size() || session.lists.size() != plan_.collect.size())
    return data_loss("a session was stored by a sessionize with other columns: give the changed one another name");
  size_t column = 0;
  ColumnBuilder* id[] = {&rows.column(column++)};
  PENSTOCK_TRY(read_key(key, id));
  for (const Session::First& first : session.first) {
    ColumnBuilder* builder[] = {&rows.column(column++)};
    if (first.value)
      PENSTOCK_TRY(decode_key(*first.value, builder));
    else
      builder[0]->append_null();
  }
  rows.column(column++).append_bool(!session.closed);
  rows.column(column++).append_int64(session.start);
  rows.column(column++).append_int64(session.last);
  for (const Session::List& list : session.lists) {
    std::string json = "[";
    for (const Session::List::Item& item : list.items)
      json += (json.size() > 1 ? "," : "") + item.value;
    rows.column(column++).append_string(json + "]");
  }
  std::string_view bytes = session.aggregates;
  for (const auto& [name, call] : plan_.aggregates) {
    const auto states = call.make_states();
    states->resize(1);
    PENSTOCK_TRY(states->decode(0, bytes));
    states->append_result(0, rows.column(column++));
  }
  rows.column(column).append_int64(session.closings + (session.closed ? 0 : 1));
  return ok();
}

Status Sessionize::append_row(std::string_view key, const Sessions& sessions, BatchBuilder& rows) const {
  for (auto session = sessions.all.rbegin(); session != sessions.all.rend(); ++session)
    if (!session->closed)
      return append_document(key, *session, rows);
  return ok();
}

Status Sessionize::close_due(StageOutput& out) {
  time_ = watermark_.value().micros;
  PENSTOCK_ASSIGN(const std::vector<uint32_t> slots, states_.take_due(time_));
  if (slots.empty())
    return ok();
  const auto held = states_.lock();
  for (const uint32_t slot : slots) {
    for (Session& session : states_[slot].all) {
      if (session.closed || session.look_at > time_)
        continue;
      session.closed = true;
      ++session.closings;
      session.look_at = saturating_add(session.look_at, plan_.kept.value_or(0));
      PENSTOCK_TRY(append_document(states_.key(slot), session, closed_));
    }
    std::erase_if(states_[slot].all,
                  [&](const Session& session) { return session.closed && session.look_at <= time_; });
    states_.changed(slot);
  }
  ++changes_;
  if (closed_.rows() == 0)
    return ok();
  out.batches.push_back(closed_.finish());
  out.sides.emplace_back("updates", out.batches.back());
  return ok();
}

uint32_t Sessionize::group_of(uint32_t group) const {
  while (groups_[group].into != group)
    group = groups_[group].into;
  return group;
}

void Sessionize::join_batch(Session& session, uint32_t slot) {
  if (session.group)
    return;
  session.group = static_cast<uint32_t>(groups_.size());
  groups_.push_back({slot, *session.group, session.aggregates});
}

void Sessionize::merge(Session& into, Session&& other, uint32_t slot) {
  join_batch(other, slot);
  groups_[group_of(*other.group)].into = group_of(*into.group);
  into.start = std::min(into.start, other.start);
  into.last = std::max(into.last, other.last);
  into.closings = std::max(into.closings, other.closings);
  for (size_t f = 0; f < std::min(into.first.size(), other.first.size()); ++f)
    if (other.first[f].value)
      into.first[f].offer(other.first[f].at, *other.first[f].value);
  for (size_t c = 0; c < std::min(into.lists.size(), other.lists.size()); ++c)
    for (Session::List::Item& item : other.lists[c].items)
      into.lists[c].add(item.at, std::move(item.value), plan_.collect[c].distinct, plan_.collect[c].limit);
}

Status Sessionize::aggregate(const BatchPtr& batch, const Values& values, std::vector<uint32_t>& groups,
                             StageOutput& out) {
  const auto none = static_cast<uint32_t>(groups_.size());  // late rows count for nobody
  for (uint32_t& group : groups)
    group = group == UINT32_MAX ? none : group_of(group);
  for (const auto& states : aggregates_) {
    states->resize(0);
    states->resize(none + 1);
  }
  for (const bool merged : {false, true})
    for (uint32_t group = 0; group < none; ++group) {
      std::string_view bytes = groups_[group].before;
      if ((groups_[group].into != group) == merged && !bytes.empty())
        for (const auto& states : aggregates_)
          PENSTOCK_TRY(states->merge(group_of(group), bytes));
    }
  std::vector<sql::RowError> overflows;
  for (size_t a = 0; a < aggregates_.size(); ++a)
    for (const sql::RowError& error : aggregates_[a]->update(values.aggregates[a], groups))
      overflows.push_back({error.row, plan_.aggregates[a].first + ": " + error.message});
  reject_errors(batch, overflows, "sessionize", out.rejected);
  for (const Group& group : groups_)
    for (Session& session : states_[group.slot].all)
      if (const auto of = std::exchange(session.group, std::nullopt)) {
        session.aggregates.clear();
        for (const auto& states : aggregates_)
          states->encode(group_of(*of), session.aggregates);
      }
  return ok();
}

Status Sessionize::end_epoch(StageOutput& out) {
  PENSTOCK_TRY(close_due(out));
  BatchBuilder updates(plan_.schema);
  {
    const auto held = states_.lock();
    for (const uint32_t slot : states_.touched())
      for (Session& session : states_[slot].all)
        if (std::exchange(session.changed, false) && !session.closed)
          PENSTOCK_TRY(append_document(states_.key(slot), session, updates));
  }
  if (updates.rows() > 0)
    out.sides.emplace_back("updates", updates.finish());
  states_.end_epoch(out.changes);
  watermark_.end_epoch(out.changes);
  return ok();
}

}  // namespace penstock
