// A monitor that listens to nothing: for tests, tools and benchmarks.
#pragma once

#include "monitoring/event.h"

namespace penstock::monitoring {

class NullMonitor final : public Monitor {
 public:
  void emit(const Event&) override {}
};

}  // namespace penstock::monitoring
