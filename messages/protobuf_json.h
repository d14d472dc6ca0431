// Fields of Protobuf messages as JSON, for json columns. For messages/protobuf_*.cc.
//
// Fields have the names they have in the .proto file; those that are not set are left out. Unlike Protobuf's own mapping
// 64-bit integers are numbers, as everywhere here. Enums are their names (an unknown number stays a number), bytes base64,
// a map an object with its keys in order, NaN and infinities null. Timestamps are ISO 8601; Struct, Value, ListValue and
// the wrappers of google.protobuf are what they stand for.
#pragma once

#include <string>

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace penstock {

/// The field's value, all of them if it is repeated, behind what is in `out`. False if a text in it is not UTF-8.
bool append_protobuf_json(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                          std::string& out);

/// The moment of a google.protobuf.Timestamp in microseconds; false if it is outside the years 1 to 9999.
bool protobuf_timestamp(const google::protobuf::Message& timestamp, int64_t& micros);

}  // namespace penstock
