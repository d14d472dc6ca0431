// Which log line an event becomes. Pure.
#pragma once

#include <optional>

#include "monitoring/event.h"
#include "monitoring/log.h"

namespace penstock::monitoring {

/// How important an event's line is; kOff for events that are metrics only (they come with every batch).
LogLevel log_level(const Event& event);
/// Requires: log_level(event) is not kOff.
LogLine log_line(const Event& event);

}  // namespace penstock::monitoring
