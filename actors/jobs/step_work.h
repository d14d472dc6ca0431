// One step of a run while it is done: the training of a model, a view made anew, a file written. Looked at several times a
// second by one thread, which is never kept waiting.
#pragma once

#include <memory>
#include <string>

#include "core/status.h"

namespace penstock {

/// How far it is, or what came of it.
struct StepLook {
  bool ended = false;
  Status status = {};       // once it has ended
  double progress = -1;     // 0 to 1; -1: cannot be told
  double eta_seconds = -1;  // -1: no estimate
  std::string note = {};    // what is being done, or what came of it
};

class StepWork {
 public:
  /// The node stops: what cannot outlive it ends, and is waited for; what can be gone on with is left as it is.
  virtual ~StepWork() = default;
  virtual StepLook look() = 0;
  /// It ends soon, with cancelled() or as it would have.
  virtual void cancel() = 0;
};
using StepWorkPtr = std::unique_ptr<StepWork>;

}  // namespace penstock
