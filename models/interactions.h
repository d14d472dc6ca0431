// Who interacted with what, how strongly: the input of every model. Plain values; a builder belongs to one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/units.h"
#include "models/events.h"

namespace penstock {

/// Compressed sparse rows. Row r's entries are [pointers[r], pointers[r + 1]), its indices ascending and unique.
struct SparseMatrix {
  int32_t rows = 0;
  int32_t columns = 0;
  std::vector<int64_t> pointers = {0};
  std::vector<int32_t> indices;
  std::vector<float> values;

  int64_t entries() const { return static_cast<int64_t>(indices.size()); }
  std::span<const int32_t> row_indices(int32_t row) const {
    return std::span(indices).subspan(pointers[row], pointers[row + 1] - pointers[row]);
  }
  std::span<const float> row_values(int32_t row) const {
    return std::span(values).subspan(pointers[row], pointers[row + 1] - pointers[row]);
  }
  SparseMatrix transposed() const;
};

/// Features of users or items: row r, its numbers into `names`, and how strongly each applies.
struct FeatureMatrix {
  std::vector<std::string> names;  // `column=value`
  SparseMatrix rows;               // as many as there are users or items; no rows at all: nothing is known
};

/// Users × items. Values are the summed weights of all interactions of that user with that item.
struct Interactions {
  std::vector<std::string> users;  // outside ids by row
  std::vector<std::string> items;  // outside ids by column
  SparseMatrix by_user;            // users × items
  SparseMatrix by_item;            // items × users
  Timestamp first, last;           // event time of the oldest and newest interaction
  uint64_t events = 0;             // before summing
  std::vector<Timestamp> times;    // of the newest event of each entry of by_user; empty if nobody needs them
  FeatureMatrix user_features, item_features;
};

struct SumOptions {
  bool times = false;  // fill Interactions::times
  /// An interaction counts half as much when it is this much older than the user's newest; 0: age does not matter. So a
  /// user's weights do not depend on when others came, nor on when the sum is made.
  Duration half_life = {};
};

/// What is left of a weight from `at` to `now`; 1 without a half-life.
double decay(Duration half_life, Timestamp at, Timestamp now);

/// Sums events that are numbered already. Requires: every event's numbers are below the sizes of `users` and `items`.
Interactions make_interactions(std::vector<std::string> users, std::vector<std::string> items,
                               std::span<const Event> events, const SumOptions& options = {});

/// Collects events into Interactions. Rows and columns are numbered in order of the ids' bytes, shorter first (so that
/// decimal numbers are in numeric order): the result does not depend on the order of the events. Events whose weight is
/// not a finite number are left out. Costs 24 bytes an event, and each id once.
class InteractionsBuilder {
 public:
  void add(const Interaction& interaction) { log_.add(interaction); }
  Interactions build() &&;

 private:
  EventLog log_;
};

}  // namespace penstock
