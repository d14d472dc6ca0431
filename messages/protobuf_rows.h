// Messages of one Protobuf type into rows of one schema, one message a row.
//
// Which field a column takes: protobuf_path.h. By type: bool
// from bool; int64 from every integer and from enums (their number); float64 from every number; string from string, enum
// (its name) and bytes (which must be UTF-8); timestamp from google.protobuf.Timestamp, from ISO 8601 strings, or from
// integers in `units`; json from anything, repeated fields, maps and messages included (protobuf_json.h). A wrapper such
// as google.protobuf.Int64Value counts as what it wraps. A field that can be absent and is (`optional`, oneof, nested
// messages) is null, one without presence its default. Fields that no column takes are passed over.
//
// A mistake makes that one message an error. One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "messages/decode_error.h"
#include "messages/protobuf_path.h"
#include "messages/protobuf_type.h"
#include "messages/record_batch.h"
#include "messages/timestamp_unit.h"

namespace penstock {

class ProtobufRows {
 public:
  /// Requires: protobuf_misfits() finds none.
  ProtobufRows(ProtobufTypePtr type, SchemaPtr schema, const ProtobufPaths& paths, const TimestampUnits& units);
  ~ProtobufRows();

  /// False, with no row appended, if anything is wrong: then `error` says what.
  bool append(std::string_view message, DecodeError& error);
  /// The rows so far.
  BatchPtr finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
