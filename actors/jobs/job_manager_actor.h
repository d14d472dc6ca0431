// Does the work of the JobOffice, several times a second: what is due begins, what runs is looked at.
#pragma once

#include "actors/jobs/job_office.h"
#include "actors/supervision/runtime.h"
#include "actors/supervision/supervisor_actor.h"

namespace penstock {

/// `runtime` and `office` outlive the actor.
Supervised supervised_job_manager(Runtime* runtime, JobOffice* office);

}  // namespace penstock
