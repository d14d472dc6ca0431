// Brings the epochs of several inputs into step: gives out batches and epoch ends in an order in which every input's rows
// of an epoch come before its end, and no row of a later epoch does. Rows of an input that is ahead are held back.
// Source: the aligned barriers of Carbone et al., "Lightweight asynchronous snapshots for distributed dataflows", 2015.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/ids.h"
#include "messages/record_batch.h"

namespace penstock {

class Aligner {
 public:
  /// What to do next: handle `batch`, or end `epoch` (then batch is null).
  struct Step {
    BatchPtr batch;
    Epoch epoch;
  };

  explicit Aligner(uint32_t inputs) : held_(inputs), ended_(inputs, false) {}

  // Both return the steps that became possible, in order. Requires: input < inputs; markers of an input ascend by one.
  std::vector<Step> on_batch(uint32_t input, BatchPtr batch);
  std::vector<Step> on_marker(uint32_t input, Epoch epoch);

  size_t held_batches() const;

 private:
  void release(std::vector<Step>& steps);

  std::vector<std::deque<Step>> held_;  // of inputs that have ended the present epoch
  std::vector<bool> ended_;
  uint32_t ended_count_ = 0;
};

}  // namespace penstock
