// Which field of a Protobuf message a column takes: by name, through nested messages with dots. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/status.h"
#include "messages/protobuf_type.h"
#include "messages/schema.h"

namespace google::protobuf {
class FieldDescriptor;
}  // namespace google::protobuf

namespace penstock {

using ProtobufPaths = std::map<std::string, std::string>;  // column → field; other columns: the field of their name
using ProtobufPath = std::vector<const google::protobuf::FieldDescriptor*>;  // the nested messages, then the value

/// Of a wrapper such as google.protobuf.Int64Value, for a column that is not json: its value.
/// Errors: invalid_argument, where there is no such field, or its type is not one for the column (protobuf_rows.h).
Result<ProtobufPath> find_protobuf_path(const google::protobuf::Descriptor& top, const Field& column,
                                        const ProtobufPaths& paths);

/// A column that the type has nothing for.
struct ProtobufMisfit {
  std::string column;
  std::string what;  // `shop.v1.Order has no field itm (did you mean item?)`
};
std::vector<ProtobufMisfit> protobuf_misfits(const ProtobufType& type, const Schema& schema,
                                             const ProtobufPaths& paths);

bool is_protobuf_timestamp(const google::protobuf::FieldDescriptor& field);

}  // namespace penstock
