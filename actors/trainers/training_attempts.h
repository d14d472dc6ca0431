// Trainings that took the whole process with them (a crash, out of memory): each training is noted in the store before it
// begins and struck out when it is over, however it ended, so a note that a new process finds is of a training that never
// came back. Whoever trains a model calls this; one thread to a model.
//
// Table `training_attempts`: model id → version:u8 (1) attempts:u32 (little endian), the trainings in a row that did not
// come back, the one under way included.
#pragma once

#include <cstdint>
#include <string>

#include "core/status.h"
#include "storage/store.h"

namespace penstock {

/// After so many crashes in a row no training begins by itself.
inline constexpr uint32_t kCrashesInARow = 2;

class TrainingAttempts {
 public:
  TrainingAttempts(Store& store, std::string model) : store_(store), model_(std::move(model)) {}

  /// Trainings in a row that ended with the process. Errors: data_loss, of the store.
  Result<uint32_t> crashed() const;
  /// A training begins; it is the first after none that crashed, or the next in a row. Errors: of the store.
  Status begin(uint32_t crashed_before);
  /// It is over: trained, failed or cancelled. Errors: of the store.
  Status end();

 private:
  Store& store_;
  std::string model_;
};

}  // namespace penstock
