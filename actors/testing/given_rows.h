// Rows of a test as its source would take them in: what cannot be decoded is a wrong record, which goes to the dead letters.
// Pure.
#pragma once

#include "actors/servers/ingest_request.h"
#include "core/status.h"
#include "topology/plan.h"
#include "topology/tests.h"

namespace penstock {

/// One row. A raw row of a source that reads CSV is a line of its file without a header; of any other, a JSON object.
Result<IngestRequest> given_request(const topology::BoundComponent& source, const topology::GivenRow& row);

}  // namespace penstock
