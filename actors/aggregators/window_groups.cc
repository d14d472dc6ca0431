#include "actors/aggregators/window_groups.h"

#include <algorithm>

namespace penstock {

WindowGroups::WindowGroups(const WindowPlan& plan)
    : plan_(plan), slots_(1), lost_(plan.aggregates.size()), totals_(plan.aggregates.size()) {
  for (const WindowPlan::Aggregate& aggregate : plan_.aggregates)
    states_.push_back(aggregate.call.make_states());
  resize_states();
}

size_t WindowGroups::bytes_a_slot(const WindowPlan& plan) {
  size_t bytes = sizeof(Slot);
  for (const WindowPlan::Aggregate& aggregate : plan.aggregates) {
    const auto states = aggregate.call.make_states();
    states->resize(1);
    bytes += states->memory(0);
  }
  return bytes;
}

void WindowGroups::resize_states() {
  for (const auto& states : states_)
    if (states->groups() < slots_.size())
      states->resize(slots_.size());
}

uint32_t WindowGroups::new_slot() {
  if (free_.empty()) {
    slots_.emplace_back();
    return static_cast<uint32_t>(slots_.size() - 1);
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot] = {};
  return slot;
}

void WindowGroups::free_slot(Group& group, uint32_t slot) {
  group.bytes -= slots_[slot].bytes;
  for (const auto& states : states_)
    if (slot < states->groups())
      states->clear(slot);
  free_.push_back(slot);
}

uint32_t WindowGroups::insert(Group& group, int64_t begin, int64_t end, uint32_t older, uint32_t newer) {
  const uint32_t slot = new_slot();
  slots_[slot] = {.begin = begin, .end = end, .older = older, .newer = newer};
  (older == kNone ? group.oldest : slots_[older].newer) = slot;
  (newer == kNone ? group.newest : slots_[newer].older) = slot;
  return slot;
}

void WindowGroups::remove(Group& group, uint32_t slot) {
  const Slot& gone = slots_[slot];
  (gone.older == kNone ? group.oldest : slots_[gone.older].newer) = gone.newer;
  (gone.newer == kNone ? group.newest : slots_[gone.newer].older) = gone.older;
  free_slot(group, slot);
}

void WindowGroups::set_closed(int64_t watermark) {
  closed_ = std::clamp(watermark, closed_, 2 * WindowPlan::kFurthest);
  if (!plan_.sessions())
    open_from_ = plan_.open_from(closed_);
}

uint32_t WindowGroups::place(uint32_t number, int64_t time, const std::function<void()>& flush) {
  Group& group = groups_[number];
  if (plan_.sessions())
    return place_session(group, time, flush);
  if (time < open_from_)
    return kLate;
  uint32_t slot = group.newest, newer = kNone;
  while (slot != kNone && slots_[slot].begin > time) {
    newer = slot;
    slot = slots_[slot].older;
  }
  if (slot != kNone && time < slots_[slot].end)
    return mark(group, slot);
  const int64_t begin = plan_.pane_of(time);
  return mark(group, insert(group, begin, begin + plan_.pane, slot, newer));
}

// Sessions of a group are at least the gap apart, so that a row joins two of them at most.
uint32_t WindowGroups::place_session(Group& group, int64_t time, const std::function<void()>& flush) {
  uint32_t slot = group.newest, newer = kNone;
  while (slot != kNone && slots_[slot].begin - time >= plan_.gap) {
    newer = slot;
    slot = slots_[slot].older;
  }
  if (slot == kNone || time - slots_[slot].end >= plan_.gap) {
    if (time + plan_.gap <= closed_)
      return kLate;
    return mark(group, insert(group, time, time, slot, newer));
  }
  Slot& session = slots_[slot];
  session.begin = std::min(session.begin, time);
  session.end = std::max(session.end, time);
  mark(group, slot);
  if (session.older == kNone || session.begin - slots_[session.older].end >= plan_.gap)
    return slot;
  flush();
  return join(group, session.older, slot);
}

uint32_t WindowGroups::join(Group& group, uint32_t into, uint32_t slot) {
  resize_states();
  lost_.assign(states_.size(), false);
  merge(into, slot);
  overflowed_ |= std::find(lost_.begin(), lost_.end(), true) != lost_.end();
  slots_[into].end = std::max(slots_[into].end, slots_[slot].end);
  if (slots_[slot].stored)
    group.gone.push_back(slots_[slot].stored_begin);
  remove(group, slot);
  return mark(group, into);
}

bool WindowGroups::merge(uint32_t into, uint32_t slot) {
  ++merges_;
  bool fit = true;
  for (size_t a = 0; a < states_.size(); ++a) {
    bytes_.clear();
    states_[a]->encode(slot, bytes_);
    std::string_view bytes = bytes_;
    if (!states_[a]->merge(into, bytes).ok())
      fit = false, lost_[a] = true;
  }
  return fit;
}

std::vector<sql::RowError> WindowGroups::update(size_t aggregate, const sql::AggregateInput& input,
                                                std::span<const uint32_t> slot_of_row) {
  resize_states();
  std::vector<sql::RowError> errors = states_[aggregate]->update(input, slot_of_row);
  states_[aggregate]->clear(kLate);
  std::erase_if(errors, [&](const sql::RowError& error) { return slot_of_row[error.row] == kLate; });
  return errors;
}

int64_t WindowGroups::due(uint32_t number) const {
  const Group& group = groups_[number];
  if (group.oldest == kNone)
    return kNever;
  const Slot& oldest = slots_[group.oldest];
  return plan_.sessions() ? oldest.end + plan_.gap
                          : std::max(open_from_, plan_.first_window(oldest.begin)) + plan_.size;
}

Status WindowGroups::close(uint32_t number, int64_t watermark, const Emit& emit,
                           const std::function<void(int64_t begin)>& drop) {
  Group& group = groups_[number];
  const auto drop_oldest = [&] {
    const uint32_t slot = group.oldest;
    if (slots_[slot].stored)
      drop(slots_[slot].stored_begin);
    remove(group, slot);
  };
  if (plan_.sessions()) {
    while (group.oldest != kNone && slots_[group.oldest].end + plan_.gap <= watermark) {
      const Slot& session = slots_[group.oldest];
      PENSTOCK_TRY(emit(session.begin, session.end + plan_.gap, group.oldest));
      drop_oldest();
    }
    return ok();
  }
  int64_t window = open_from_;
  while (group.oldest != kNone) {
    window = std::max(window, plan_.first_window(slots_[group.oldest].begin));
    if (window + plan_.size > watermark)
      break;
    PENSTOCK_TRY(emit(window, window + plan_.size, combine(group, group.runs, group.oldest, window + plan_.size)));
    window += plan_.slide;
    while (group.oldest != kNone && slots_[group.oldest].begin < window)
      drop_oldest();
  }
  return ok();
}

Status WindowGroups::each_open(uint32_t number, bool all, const Emit& emit) {
  Group& group = groups_[number];
  resize_states();
  if (plan_.sessions()) {
    for (uint32_t slot = group.oldest; slot != kNone; slot = slots_[slot].newer)
      if (all || !slots_[slot].shown)
        PENSTOCK_TRY(emit(slots_[slot].begin, slots_[slot].end + plan_.gap, slot));
  } else {
    PENSTOCK_TRY(each_open_aligned(group, all, emit));
  }
  for (uint32_t slot = group.oldest; !all && slot != kNone; slot = slots_[slot].newer)
    slots_[slot].shown = true;
  return ok();
}

Status WindowGroups::each_open_aligned(Group& group, bool all, const Emit& emit) {
  std::unique_ptr<WindowRuns> runs;  // the group's are for the windows that are next to close
  Status status;
  int64_t window = open_from_;
  uint32_t changed = group.oldest;  // the first from `first` on that has
  for (uint32_t first = group.oldest; first != kNone && status.ok();) {
    window = std::max(window, plan_.first_window(slots_[first].begin));
    if (slots_[changed].begin < slots_[first].begin)
      changed = first;
    while (!all && slots_[changed].shown && slots_[changed].newer != kNone)
      changed = slots_[changed].newer;
    const int64_t end = window + plan_.size;
    if (all || (!slots_[changed].shown && slots_[changed].begin < end))
      status = emit(window, end, combine(group, runs, first, end));
    window += plan_.slide;
    while (first != kNone && slots_[first].begin < window)
      first = slots_[first].newer;
  }
  if (runs)
    drop_runs(group, *runs);
  return status;
}

void WindowGroups::clear(uint32_t number) {
  Group& group = groups_[number];
  if (group.runs)
    drop_runs(group, *group.runs);
  while (group.oldest != kNone)
    remove(group, group.oldest);
  group = {};
}

}  // namespace penstock
