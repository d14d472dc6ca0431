// One event of each kind, for what has to know all of them: metrics, log lines, the data dictionary.
#pragma once

#include <functional>

#include "monitoring/event.h"

namespace penstock::test {

void emit_every_event(const std::function<void(const monitoring::Event&)>& emit);

}  // namespace penstock::test
