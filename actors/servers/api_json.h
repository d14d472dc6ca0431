// The node's status and its parts as JSON.
#pragma once

#include "actors/servers/json_writer.h"
#include "actors/servers/node.h"

namespace penstock {

void write_version(JsonWriter& json, const ModelVersion& version);
/// `with_versions`: all that are stored, else the live one only.
void write_model(JsonWriter& json, const ModelStatus& model, bool with_versions);
void write_status(JsonWriter& json, const NodeStatus& status, Timestamp now);

}  // namespace penstock
