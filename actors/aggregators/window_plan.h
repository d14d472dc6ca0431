// What a stage `window` is to do, and the arithmetic of its windows. Plain values; times and durations are µs.
//
// Aligned windows are [start, start + size) with start = offset + n * slide; tumbling ones have slide = size. They are made of
// panes of gcd(size, slide), so that a row is counted once however many windows it is in. A session is
// [first row, last row + gap): rows less than the gap apart are in one.
// Source: Li et al., "No pane, no gain", SIGMOD Record 34(1), 2005.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/units.h"
#include "sql/aggregate.h"
#include "topology/component_type.h"

namespace penstock {

struct WindowPlan {
  struct Aggregate {
    std::string name;
    sql::AggregateCall call;
  };
  /// Times further from 1970 are refused, so that no sum leaves int64.
  static constexpr int64_t kFurthest = 100'000LL * 365 * 86'400 * 1'000'000;

  size_t time = 0;               // column
  std::vector<size_t> group_by;  // columns
  std::vector<Aggregate> aggregates;
  int64_t size = 0;
  int64_t slide = 0;
  int64_t pane = 0;
  int64_t offset = 0;
  int64_t gap = 0;  // of sessions; else 0
  Duration lateness;
  std::optional<Duration> idle_timeout;
  std::optional<Duration> early_every;
  int64_t retain = 0;
  SchemaPtr schema;  // of the results: group_by, window_start, window_end, aggregates, and `final` with early results

  bool sessions() const { return gap > 0; }
  /// The largest offset + n * step that is at most `time`.
  int64_t floor_to(int64_t at, int64_t step) const {
    const int64_t past = (at - offset) % step;
    return at - (past < 0 ? past + step : past);
  }
  int64_t pane_of(int64_t at) const { return floor_to(at, pane); }
  /// Starts of the windows that a pane is in.
  int64_t first_window(int64_t pane_begin) const { return floor_to(pane_begin - size, slide) + slide; }
  int64_t last_window(int64_t pane_begin) const { return floor_to(pane_begin, slide); }
  /// The start of the first window that is open at that watermark: rows before it are late.
  int64_t open_from(int64_t watermark) const { return floor_to(watermark - size, slide) + slide; }
  /// Closed windows that start before it are kept no longer.
  int64_t horizon(int64_t watermark) const {
    return sessions() ? floor_to(watermark - retain, gap) : open_from(watermark) - retain;
  }
};

/// Without a schema if anything was wrong.
WindowPlan plan_window(const topology::Component& component, const SchemaPtr& input,
                       topology::Diagnostics& diagnostics);

}  // namespace penstock
