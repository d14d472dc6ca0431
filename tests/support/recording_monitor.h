// A monitor that keeps every event as its log line, or its kind: state as short strings for tests. Thread safe.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "monitoring/event.h"

namespace penstock::test {

class RecordingMonitor final : public monitoring::Monitor {
 public:
  void emit(const monitoring::Event& event) override;

  /// In order: `request GET /health 200`, `restarted taste`, `received deliveries 5`, ...
  std::vector<std::string> events() const;
  size_t count(const std::string& event) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

}  // namespace penstock::test
