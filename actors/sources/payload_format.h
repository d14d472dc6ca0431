// How the payloads of messages are written, and what a source of messages declares about it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/status.h"
#include "messages/timestamp_unit.h"
#include "messages/unknown_fields.h"
#include "topology/component_type.h"

namespace penstock {

struct PayloadFormat {
  enum class Kind { kJson, kCsv, kProtobuf, kRaw };
  Kind kind = Kind::kJson;
  TimestampUnits timestamp_units = {};
  UnknownFields unknown_fields = {};
  // CSV.
  char delimiter = ',';
  std::optional<char> quote = '"';
  std::vector<std::string> fields = {};  // in the payload's order; empty: the schema's
  // Protobuf.
  std::string descriptor = {};                    // path of a FileDescriptorSet; empty: penstock.contract.RecordBatch
  std::string message = {};                       // full name of the payloads' message
  std::map<std::string, std::string> paths = {};  // column → field, nested with dots; others: the field of their name
};

/// format, fields, delimiter, quote, descriptor, message, paths. With them belong record_properties() and its checks.
std::vector<topology::Property> payload_properties();
/// Reports what is wrong with them, descriptor and schema against each other included. `schema`: what the payloads hold,
/// as for make_payload_decoder(); may be null.
void check_payload(const topology::Component& component, const SchemaPtr& schema, const topology::BindContext& context);
/// Requires: check_payload() found nothing. `folder`: of the topology file.
PayloadFormat payload_format(const topology::Component& component, const std::string& folder);

/// The bytes of a descriptor file. Errors: not_found, failed_precondition, resource_exhausted (above 64 MiB), unavailable.
Result<std::string> read_descriptor(const std::string& path);

}  // namespace penstock
