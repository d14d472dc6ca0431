// The life of a model's trainings: asked for, begun, how far, cancelled, ended. One training at a time. Thread safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "core/status.h"

namespace penstock {

class TrainingState {
 public:
  /// No if one is under way, else it is asked for and the trainer takes the request up.
  bool begin();
  bool take_request() { return requested_.exchange(false); }
  bool requested() const { return requested_; }
  bool training() const { return training_; }
  void end(const Status& status, const std::string& note = {});

  /// The one under way ends as soon as it looks. No if there is none.
  bool cancel();
  /// The same, and no other comes: the node stops.
  void stop() { stopping_ = true; }
  bool cancelled() const { return cancelled_ || stopping_; }

  /// `progress` from 0 to 1, or -1 where it cannot be told; at `now` (monotonic).
  void note_progress(double progress, const std::string& note, int64_t now_nanos);
  /// The last one failed or was cancelled.
  bool has_failed() const;

  struct View {
    std::string outcome;  // training, failed; empty: neither
    std::string message;
    double progress = -1;
    double eta_seconds = -1;
  };
  View view() const;

 private:
  std::atomic<bool> training_{false};
  std::atomic<bool> requested_{false};  // and the trainer has not begun
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  View view_;
  bool failed_ = false;
  int64_t begun_nanos_ = -1;  // of the first report of progress
};

}  // namespace penstock
