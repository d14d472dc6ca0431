// Keeps the event-time progress of one edge at its sender: the latest value of the time column that has passed, by the log
// and partition it came from. Because the sender alone sees all rows before the exchange divides them, every worker behind
// the edge is told the same progress, however many there are. A plain value.
#pragma once

#include <cstddef>

#include "messages/event_progress.h"
#include "messages/record_batch.h"

namespace penstock {

class EventClock {
 public:
  /// `column`: of type timestamp.
  explicit EventClock(size_t column) : column_(column) {}

  /// Takes the batch's rows in. Null times are passed over.
  void observe(const RecordBatch& batch);
  /// As of the rows taken in so far; the same pointer as long as nothing changes.
  const EventProgressPtr& progress() const { return progress_; }

 private:
  size_t column_;
  EventProgressPtr progress_ = std::make_shared<const EventProgress>();
};

}  // namespace penstock
