// How windows that overlap are put together: window_runs.h.
#include "actors/aggregators/window_runs.h"

#include <algorithm>
#include <cmath>

#include "actors/aggregators/window_groups.h"

namespace penstock {
namespace {

constexpr size_t kLeastBlock = 64;  // panes

size_t block_of(const WindowPlan& plan) {
  return std::max(kLeastBlock, static_cast<size_t>(std::sqrt(static_cast<double>(plan.size / plan.pane))));
}

}  // namespace

uint32_t WindowGroups::combine(Group& group, std::unique_ptr<WindowRuns>& runs, uint32_t first, int64_t end) {
  if (!is_worth_runs(first, end))
    return fold(first, end);
  if (!runs)
    runs = std::make_unique<WindowRuns>();
  const int64_t cut = plan_.floor_to(end, plan_.size);
  if (runs->cut != cut) {
    drop_runs(group, *runs);
    runs->cut = cut;
    return try_out(*runs, first, end);
  }
  if (!runs->worth)
    return fold(first, end);
  const uint32_t front = slots_[first].begin < cut ? front_run(group, *runs, first) : kNone;
  const uint32_t back = back_run(group, *runs, first, end);
  if ((front != kNone && slots_[front].lost) || (back != kNone && slots_[back].lost))
    return fold(first, end);
  if (front == kNone || back == kNone)
    return front == kNone ? back : front;
  clear_result();
  return merge(kLate, front) && merge(kLate, back) ? kLate : fold(first, end);
}

bool WindowGroups::is_worth_runs(uint32_t first, int64_t end) const {
  if (plan_.size / plan_.pane <= static_cast<int64_t>(WindowRuns::kFewPanes))
    return false;
  size_t panes = 0;
  for (uint32_t slot = first; slot != kNone && slots_[slot].begin < end; slot = slots_[slot].newer)
    if (++panes > WindowRuns::kFewPanes)
      return true;
  return false;
}

// Sets of panes that have little in common make runs as large as all their panes: those are not faster, and take room.
uint32_t WindowGroups::try_out(WindowRuns& runs, uint32_t first, int64_t end) {
  const uint32_t result = fold(first, end);
  size_t whole = 0, parts = 0;
  for (const auto& states : states_) {
    whole += states->memory(result);
    for (uint32_t slot = first; slot != kNone && slots_[slot].begin < end; slot = slots_[slot].newer)
      parts += states->memory(slot);
  }
  runs.worth = parts > WindowRuns::kRunsAWindow * whole;
  return result;
}

void WindowGroups::clear_result() {
  for (const auto& states : states_)
    states->clear(kLate);
  lost_.assign(states_.size(), false);
}

uint32_t WindowGroups::fold(uint32_t first, int64_t end) {
  const uint32_t second = slots_[first].newer;
  if (second == kNone || slots_[second].begin >= end)
    return first;
  clear_result();
  bool fit = true;
  for (uint32_t slot = first; slot != kNone && slots_[slot].begin < end; slot = slots_[slot].newer)
    fit = merge(kLate, slot) && fit;
  if (!fit)
    add_up_lost(first, end);
  return kLate;
}

// Whether a sum on the way leaves int64 depends on the order of merges; whether the window's does not.
void WindowGroups::add_up_lost(uint32_t first, int64_t end) {
  for (size_t a = 0; a < states_.size(); ++a) {
    totals_[a].reset();
    if (!lost_[a] || plan_.aggregates[a].call.type() != Type::kInt64)
      continue;
    ColumnBuilder sums(Type::kInt64);
    for (uint32_t slot = first; slot != kNone && slots_[slot].begin < end; slot = slots_[slot].newer)
      states_[a]->append_result(slot, sums);
    const ColumnPtr column = sums.finish();
    __int128 total = 0;
    for (size_t i = 0; i < column->size(); ++i)
      total += column->is_null(i) ? 0 : column->int64s()[i];
    if (total >= std::numeric_limits<int64_t>::min() && total <= std::numeric_limits<int64_t>::max())
      totals_[a] = static_cast<int64_t>(total);
  }
}

uint32_t WindowGroups::front_run(Group& group, WindowRuns& runs, uint32_t first) {
  const int64_t begin = slots_[first].begin;
  for (auto* kept : {&runs.front, &runs.marks})
    while (!kept->empty() && kept->back().pane < begin)
      pop(group, *kept);
  if (runs.front.empty() && !runs.marks.empty() && runs.marks.back().pane == begin)
    return runs.marks.back().slot;
  if (runs.front.empty() || runs.front.back().pane != begin)
    make_front(group, runs, first);
  return runs.front.back().slot;
}

void WindowGroups::make_front(Group& group, WindowRuns& runs, uint32_t first) {
  const size_t block = block_of(plan_);
  const std::vector<WindowRuns::Run>& shorter = runs.front.empty() ? runs.marks : runs.front;
  const int64_t until = shorter.empty() ? runs.cut : shorter.back().pane;
  std::vector<uint32_t> panes;
  for (uint32_t slot = first; slot != kNone && slots_[slot].begin < until; slot = slots_[slot].newer)
    panes.push_back(slot);
  if (panes.size() > block && !runs.front.empty()) {
    const WindowRuns::Run longest = runs.front.back();
    runs.front.pop_back();
    while (!runs.front.empty())
      pop(group, runs.front);
    runs.marks.push_back(longest);
  }
  uint32_t behind = kNone;
  if (!runs.front.empty() || !runs.marks.empty())
    behind = (runs.front.empty() ? runs.marks : runs.front).back().slot;
  bool kept = true;
  for (size_t i = panes.size(); i-- > 0;) {
    const uint32_t run = new_slot();
    resize_states();
    extend(run, panes[i]);
    if (behind != kNone)
      extend(run, behind);
    if (!kept)
      free_slot(group, behind);
    const bool near = i < block;
    kept = near || (panes.size() - i) % block == 0;
    if (kept) {
      (near ? runs.front : runs.marks).push_back({slots_[panes[i]].begin, run, kNone, 0});
      measure(group, run);
    }
    behind = run;
  }
}

uint32_t WindowGroups::back_run(Group& group, WindowRuns& runs, uint32_t first, int64_t end) {
  uint32_t next = first;
  if (!runs.back.empty()) {
    next = slots_[runs.back.back().last].newer;
  } else if (slots_[first].begin < runs.cut) {
    uint32_t& newest = runs.newest;
    for (newest = newest == kNone ? first : newest; (next = slots_[newest].newer) != kNone; newest = next)
      if (slots_[next].begin >= runs.cut)
        break;
  }
  const size_t block = block_of(plan_);
  bool longer = false;
  for (; next != kNone && slots_[next].begin < end; next = slots_[next].newer, longer = true) {
    if (runs.back.empty() || runs.back.back().panes % block == 0) {
      WindowRuns::Run run{0, new_slot(), kNone, 0};
      resize_states();
      if (!runs.back.empty()) {
        measure(group, runs.back.back().slot);
        extend(run.slot, runs.back.back().slot);
        run.panes = runs.back.back().panes;
      }
      runs.back.push_back(run);
    }
    WindowRuns::Run& run = runs.back.back();
    extend(run.slot, next);
    run.pane = slots_[next].begin;
    run.last = next;
    ++run.panes;
  }
  if (longer)
    measure(group, runs.back.back().slot);
  return runs.back.empty() ? kNone : runs.back.back().slot;
}

void WindowGroups::extend(uint32_t run, uint32_t slot) {
  const bool fit = merge(run, slot);
  slots_[run].lost = slots_[run].lost || slots_[slot].lost || !fit;
}

void WindowGroups::pop(Group& group, std::vector<WindowRuns::Run>& runs) {
  free_slot(group, runs.back().slot);
  runs.pop_back();
}

void WindowGroups::drop_runs(Group& group, WindowRuns& runs) {
  for (auto* kept : {&runs.front, &runs.marks, &runs.back})
    while (!kept->empty())
      pop(group, *kept);
  runs = {};
}

void WindowGroups::drop_runs_of(Group& group, int64_t begin) {
  WindowRuns& runs = *group.runs;
  if (begin < runs.cut) {
    runs.newest = kNone;
    for (auto* kept : {&runs.front, &runs.marks})
      while (!kept->empty() && kept->back().pane <= begin)
        pop(group, *kept);
    return;
  }
  while (!runs.back.empty() && runs.back.back().pane >= begin)
    pop(group, runs.back);
}

}  // namespace penstock
