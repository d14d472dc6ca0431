// What a model's interaction history shows of the live stream before it learns it: now and then an event with what its
// user had done until then, so that a version can be asked what it would have foretold. `wants` is called for each event by
// the thread that takes events in, so it must cost next to nothing; neither call ever waits for the other side.
#pragma once

#include <string>
#include <vector>

#include "core/ids.h"

namespace penstock {

struct HistoryItem;

/// An event as it was before it counted.
struct LiveEvent {
  std::string user;
  std::string item;
  std::vector<HistoryItem> before;  // what the user had done; numbers of History::ids()
  Timestamp newest;                 // of those
  Timestamp ingested;               // when the log took the event in
};

class LiveProbe {
 public:
  virtual ~LiveProbe() = default;
  /// Whether to offer an event that the log took in at that time.
  virtual bool wants(Timestamp ingested) = 0;
  virtual void offer(LiveEvent event) = 0;
};

}  // namespace penstock
