// The state of all logs of a plan, as the store has them. Any thread.
#pragma once

#include <vector>

#include "actors/servers/log_status.h"
#include "core/status.h"
#include "storage/store.h"
#include "topology/plan.h"

namespace penstock {

/// In the plan's order, the log of dead letters last. Requires: the logs are open.
Result<std::vector<LogStatus>> report_logs(const topology::Plan& plan, const Store& store, Timestamp now);

/// How often retention has to run, so that nothing is kept much longer, or grows much larger, than declared.
Duration retain_every(const topology::Plan& plan);

/// How long dead letters are kept, as the plan's settings say.
Retention dead_letter_retention(const topology::Plan& plan);

}  // namespace penstock
