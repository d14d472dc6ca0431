// What a join does as time goes on: answers rows that have waited, forgets rows that nobody can belong to any more, and keeps
// its table.
#include <algorithm>

#include "actors/aggregators/join.h"
#include "messages/key.h"

namespace penstock {
namespace {

constexpr size_t kLeft = JoinPlan::kLeft, kRight = JoinPlan::kRight;
constexpr int64_t kNever = JoinState::kNever;
constexpr size_t kBytesATimer = 112;  // beside its key

int64_t plus(int64_t time, int64_t more) {
  int64_t sum;
  return __builtin_add_overflow(time, more, &sum) ? kNever : sum;
}

}  // namespace

Status Join::open(StoredKeys stored, MemoryShare share) {
  if (goes_by_time()) {
    PENSTOCK_TRY(watermark_.restore(stored));
    mark_ = watermark_.value().micros;
    right_mark_ = watermark_.value_of(kRight).micros;
  }
  const auto take = [this](std::string_view key, std::string_view value) {
    return Watermark::is_key(key) ? ok() : restore(key, value);
  };
  const auto pass = [this](std::string_view key, std::string_view value) -> Status {
    if (Watermark::is_key(key))
      return ok();
    PENSTOCK_ASSIGN(const JoinState state, JoinState::decode(value));
    const auto [by_event, by_clock] = due(state);
    for (auto& [timers, when] : {std::pair{&event_timers_, by_event}, std::pair{&clock_timers_, by_clock}})
      if (when != kNever && timers->emplace(when, key).second)
        timer_bytes_ += kBytesATimer + key.size();
    return ok();
  };
  return keys_.open(std::move(stored), std::move(share), take, pass);
}

Status Join::restore(std::string_view key, std::string_view value) {
  if (Watermark::is_key(key))
    return ok();
  PENSTOCK_ASSIGN(JoinState state, JoinState::decode(value));
  BatchBuilder check(plan_.pairs);
  for (const size_t side : {kLeft, kRight})
    for (const JoinRow& row : state.sides[side])
      if (!(row.flag && row.bytes.empty()))
        PENSTOCK_TRY(unpack_row(row.bytes, side == kLeft ? 0 : plan_.sides[kLeft].columns.size(),
                                plan_.sides[side].columns.size(), check));
  const uint32_t slot = insert(key, hash_key(key));
  states_[slot] = std::move(state);
  set_timers(slot);
  keys_.set_bytes(slot, states_[slot].memory());
  shown_keys_ = keys_.size();
  return ok();
}

std::pair<int64_t, int64_t> Join::due(const JoinState& state) const {
  const auto& [left, right] = state.sides;
  if (plan_.mode == JoinPlan::Mode::kStream)
    return {std::min(left.empty() ? kNever : plus(left.front().time, plan_.after.micros),
                     right.empty() ? kNever : plus(right.front().time, plan_.before.micros)),
            kNever};
  const bool as_of = plan_.mode == JoinPlan::Mode::kAsOf;
  return {as_of && !left.empty() ? left.front().time : kNever, state.first_until()};
}

void Join::set_timers(uint32_t slot) {
  JoinState& state = states_[slot];
  const auto [by_event, by_clock] = due(state);
  const auto set = [&](Timers& timers, int64_t& registered, int64_t when) {
    if (registered == when)
      return;
    const std::string key(keys_.index().key(slot));
    if (registered != kNever && timers.erase({registered, key}) > 0)
      timer_bytes_ -= kBytesATimer + key.size();
    if (when != kNever && timers.emplace(when, key).second)
      timer_bytes_ += kBytesATimer + key.size();
    registered = when;
  };
  set(event_timers_, state.event_due, by_event);
  set(clock_timers_, state.clock_due, by_clock);
}

bool Join::waits_for_time() const {
  return !clock_timers_.empty() || (!event_timers_.empty() && watermark_.waits_for_time());
}

// Timers that stand before `until`, by the clock also at it.
Status Join::fire(Timers& timers, int64_t until, bool by_clock, StageOutput& out) {
  constexpr size_t kKeysAFetch = 1024;
  const auto is_due = [&](int64_t when) { return by_clock ? when <= until : when < until; };
  while (!timers.empty() && is_due(timers.begin()->first)) {
    std::vector<std::string> fired;
    for (auto timer = timers.begin(); timer != timers.end() && is_due(timer->first) && fired.size() < kKeysAFetch;
         ++timer)
      fired.push_back(timer->second);
    PENSTOCK_TRY(fetch({fired.begin(), fired.end()}));
    for (const std::string& key : fired) {
      const std::optional<uint32_t> slot = keys_.index().find(key, hash_key(key));
      if (!slot)
        return data_loss("the table lacks a key of a join that has a timer");
      touch(*slot);
      JoinState& state = states_[*slot];
      if (plan_.mode == JoinPlan::Mode::kStream)
        PENSTOCK_TRY(expire(state));
      else if (by_clock)
        PENSTOCK_TRY(answer(state, [&](const JoinRow& row) { return row.until <= until; }));
      else
        PENSTOCK_TRY(answer(state, [&](const JoinRow& row) { return row.time < until; }));
      set_timers(*slot);
      if (rows_.is_full())
        rows_.flush(out);
    }
  }
  rows_.flush(out);
  return ok();
}

// Of a key of two streams: the rows behind the watermark.
Status Join::expire(JoinState& state) {
  const auto is_over = [&](const JoinRow& row, Duration reach) { return plus(row.time, reach.micros) < mark_; };
  auto& [left, right] = state.sides;
  auto last = left.begin();
  for (; last != left.end() && is_over(*last, plan_.after); ++last)
    if (!last->flag && plan_.keeps_unmatched)
      PENSTOCK_TRY(rows_.add(last->bytes, std::nullopt));
  left.erase(left.begin(), last);
  right.erase(right.begin(), std::find_if(right.begin(), right.end(),
                                          [&](const JoinRow& row) { return !is_over(row, plan_.before); }));
  return ok();
}

Status Join::end_epoch(StageOutput& out) {
  if (goes_by_time()) {
    watermark_.end_epoch(out.changes);
    mark_ = watermark_.value().micros;
    right_mark_ = watermark_.value_of(kRight).micros;
    PENSTOCK_TRY(fire(event_timers_, plan_.mode == JoinPlan::Mode::kStream ? mark_ : right_mark_, false, out));
  }
  if (!clock_timers_.empty())
    PENSTOCK_TRY(fire(clock_timers_, clock_.now().micros, true, out));
  store_changes(out);
  keys_.set_fixed_bytes(timer_bytes_);
  keys_.end_epoch();
  ++epoch_;
  spill();
  shown_keys_ = keys_.size();
  shown_memory_ = keys_.memory();
  return ok();
}

void Join::store_changes(StageOutput& out) {
  for (const uint32_t slot : keys_.touched()) {
    JoinState& state = states_[slot];
    const std::string key(keys_.index().key(slot));
    out.changes.emplace_back(key, state.empty() ? std::nullopt : std::optional(state.encode()));
    keys_.set_bytes(slot, state.memory());
    state.emptied = state.empty() ? epoch_ : 0;
    if (state.empty())
      emptied_.emplace_back(epoch_, slot);
  }
}

void Join::committed(uint64_t epochs) {
  keys_.committed(epochs);
  for (; !emptied_.empty() && emptied_.front().first <= epochs; emptied_.pop_front()) {
    const auto [epoch, slot] = emptied_.front();
    if (!keys_.index().has(slot) || states_[slot].emptied != epoch || !states_[slot].empty())
      continue;  // it was used again, or spilled
    states_[slot] = {};
    keys_.forget(slot);
  }
}

void Join::spill() {
  for (const uint32_t slot : keys_.to_spill()) {
    states_[slot] = {};
    keys_.erase(slot);
  }
  keys_.report();
}

}  // namespace penstock
