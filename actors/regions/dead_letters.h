// The `dead_letters` log: records that could not be handled, each with the reason and its original text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "actors/stages/stage.h"
#include "core/ids.h"
#include "messages/record_batch.h"

namespace penstock {

inline constexpr const char* kDeadLettersLog = "dead_letters";

/// topology, stage, reason, log, partition, offset, record, at.
SchemaPtr dead_letter_schema();

/// `rejected`: by component id. `log`: where the records came from; empty for a source.
BatchPtr dead_letter_batch(const std::string& topology, const std::string& log,
                           const std::vector<std::pair<std::string, Rejected>>& rejected, Timestamp now);

}  // namespace penstock
