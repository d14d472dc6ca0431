// Brings the epochs of several inputs into step: gives out batches and epoch ends in an order in which every input's rows
// of an epoch come before its end, and no row of a later epoch does. Rows of an input that is ahead are held back.
// Source: the aligned barriers of Carbone et al., "Lightweight asynchronous snapshots for distributed dataflows", 2015.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/ids.h"
#include "messages/event_progress.h"
#include "messages/record_batch.h"

namespace penstock {

struct RegionTurn;  // region_turn.h
using RegionTurnPtr = std::shared_ptr<const RegionTurn>;

class Aligner {
 public:
  /// What to do next: handle `batch`, or end `epoch` (then batch is null).
  struct Step {
    BatchPtr batch;
    Epoch epoch;
    uint32_t input = 0;                        // of the batch
    EventProgressPtr progress = nullptr;       // of that input, before the batch
    std::vector<EventProgressPtr> ended = {};  // of an epoch's end: the progress of each input
    RegionTurnPtr turn = nullptr;              // of an epoch's end
  };

  explicit Aligner(uint32_t inputs) : held_(inputs), ended_(inputs, false), progress_(inputs) {}

  // Both return the steps that became possible, in order. Requires: input < inputs; markers of an input ascend by one.
  std::vector<Step> on_batch(uint32_t input, BatchPtr batch, EventProgressPtr progress = nullptr);
  std::vector<Step> on_marker(uint32_t input, Epoch epoch, EventProgressPtr progress = nullptr,
                              RegionTurnPtr turn = nullptr);

  size_t held_batches() const;

 private:
  void end(uint32_t input, Step&& marker);
  Step finish();
  void release(std::vector<Step>& steps);

  std::vector<std::deque<Step>> held_;  // of inputs that have ended the present epoch
  std::vector<bool> ended_;
  uint32_t ended_count_ = 0;
  Epoch epoch_;                             // that the inputs in ended_ have ended
  RegionTurnPtr turn_;                      // that comes with it
  std::vector<EventProgressPtr> progress_;  // of each input at its last marker
};

}  // namespace penstock
