// What `penstock top` shows, made of two looks at a node. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/metrics_text.h"
#include "core/status.h"

namespace penstock::cli {

/// What one look sees.
struct NodeLook {
  double seconds = 0;  // since some beginning
  std::string status;  // GET /v1/status
  std::string tree;    // GET /v1/supervision
  MetricsText metrics;
};

struct TopRow {
  std::string id, role, type, state, message;
  double rows_in = 0, rows_out = 0;  // a second
  double busy = 0, blocked = 0;      // shares of the time of all its workers together; a chain's with its last stage
  bool measured = false;             // whether there are such
  double lag_rows = 0, lag_seconds = 0;  // of what it reads, over all its logs
  double queue_bytes = 0, state_bytes = 0;
  uint64_t restarts = 0;
  double dead_letters = 0;
  double age_seconds = -1;  // of a model's live version
  bool bottleneck = false;
};

struct TopFigures {
  std::string topology;
  double uptime_seconds = 0;
  bool ready = false, healthy = false;
  double memory_bytes = 0, memory_budget = 0, store_bytes = 0, store_budget = 0;
  double requests = 0, dead_letters = 0;  // a second; in all
  std::vector<TopRow> rows;
};

/// The busiest part of what cannot keep up: busy for more than half of the time, in a region whose reader is held back, or
/// which has records waiting before it. Errors: internal (the node's answers are not what this version expects).
Result<TopFigures> top_figures(const NodeLook& before, const NodeLook& now);

}  // namespace penstock::cli
