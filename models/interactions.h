// Who interacted with what, how strongly: the input of every model.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/ids.h"

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

/// Users × items. Values are the summed weights of all interactions of that user with that item.
struct Interactions {
  std::vector<std::string> users;  // outside ids by row
  std::vector<std::string> items;  // outside ids by column
  SparseMatrix by_user;            // users × items
  SparseMatrix by_item;            // items × users
  Timestamp first, last;           // event time of the oldest and newest interaction
  uint64_t events = 0;             // before summing
};

/// One event, ids as the data has them.
struct Interaction {
  std::string user;
  std::string item;
  float weight = 1;
  Timestamp at;
};

/// Collects events into Interactions. Rows and columns are numbered in order of the ids' bytes, shorter first (so that
/// decimal numbers are in numeric order): the result does not depend on the order of the events.
class InteractionsBuilder {
 public:
  void add(const Interaction& interaction);
  Interactions build() &&;

 private:
  std::vector<Interaction> events_;
};

}  // namespace penstock
