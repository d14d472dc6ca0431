// Aggregates of runs of a group's panes, by which a window that overlaps others is put together with few merges, however many
// panes it has. A plain value; window_groups.h makes it.
//
// Time is cut at offset + n * size, so that each window has one cut, in it or at its end. The panes before the cut are the front:
// the aggregates of [pane, cut) for each pane are made backwards, once. Those from the cut on are the back: one run that gets
// longer. A window is a run of the front and one of the back, in the order of time.
//
// The first window of a cut is put together of its panes. If it is not much smaller than they are (sets with few values in
// common), then so are the others: runs would be as large as all their panes.
//
// Of the front only the runs of the panes that go next are kept, and of the others one a block (64 panes, or the square root of the
// window's if that is more), from which the next are made when their turn comes. The back is kept at the end of each block too. A row
// for a pane that is in runs drops those; they are made anew from the ones that are left.
//
// Cost: about 8 merges a group and pane that closes, whatever size / slide, while no row is behind the watermark. A row that is costs
// its group, at the next close, as many more as there are panes from the window's begin to it if it is before the cut; else
// as from it to the watermark, and a block. In memory: two blocks of runs, and two runs a block.
// Source: Tangwongsan et al., "General incremental sliding-window aggregation", VLDB 2015, section 3: two stacks. Departures: these
// turn over at the cuts; the front is kept in part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace penstock {

struct WindowRuns {
  /// Windows of at most so many panes are put together of these.
  static constexpr size_t kFewPanes = 8;
  /// About how many runs are copied for a window.
  static constexpr size_t kRunsAWindow = 5;

  struct Run {
    int64_t pane;   // begin of its first pane; in the back of its last one
    uint32_t slot;  // what has its aggregates
    uint32_t last;  // in the back: the slot of its last pane
    size_t panes;   // in the back: how many
  };

  bool worth = false;  // whether the windows of this cut are put together of runs
  int64_t cut = std::numeric_limits<int64_t>::min();
  std::vector<Run> front;  // [pane, cut), of consecutive panes, the longest last
  std::vector<Run> marks;  // the same of one pane a block, all shorter than those in front
  std::vector<Run> back;   // [cut, pane], the longest last
  uint32_t newest = ~0U;   // the last pane before the cut, if it is known
};

}  // namespace penstock
