// JSON Lines (one object a line) and JSON values into batches of one schema. simdjson finds the tokens, a walk over
// them that knows the schema checks everything, values that nobody asked for included.
//
// By type: bool from true and false; int64 from numbers without decimals or exponent, within range; float64 from any
// number; string from strings; timestamp from ISO 8601 strings, or from numbers since 1970 in the unit of
// `timestamp_units` (milliseconds unless said otherwise; never guessed); json from any value, kept as its minified
// text. null or no member is null, and an error where the field is required. Members that the schema does not have are
// ignored, unless `unknown_fields` says otherwise; of two with the same name the first counts. Empty lines are skipped. Text must be UTF-8.
//
// Any mistake makes that one record an error; the records around it are not touched. One thread at a time calls a
// decoder.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/status.h"
#include "messages/decoded.h"
#include "messages/timestamp_unit.h"
#include "messages/unknown_fields.h"

namespace penstock {

struct JsonOptions {
  TimestampUnits timestamp_units = {};
  UnknownFields unknown_fields = {};
};

class JsonLinesDecoder {
 public:
  explicit JsonLinesDecoder(SchemaPtr schema, JsonOptions options = {});
  ~JsonLinesDecoder();
  JsonLinesDecoder(JsonLinesDecoder&&) noexcept;
  JsonLinesDecoder& operator=(JsonLinesDecoder&&) noexcept;

  /// Complete lines, the last one with or without its line end. `first_line` is the number of the first one (from 1)
  /// and `file` the name, for errors. Requires: less than 1 GiB.
  Decoded decode(std::string_view lines, uint64_t first_line = 1, std::string_view file = {});

  /// One object, or an array of objects; an error carries the record's index (none for a single object). `name` is what
  /// errors call the text. Errors: invalid_argument if the text as a whole is neither, with the place;
  /// resource_exhausted if the array has more than `max_records` elements.
  Result<Decoded> decode_value(std::string_view text, std::string_view name = {}, size_t max_records = SIZE_MAX);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Bytes of `text` up to and with its last line end, 0 if it has none: what decode() can take of a chunk.
size_t cut_at_last_newline(std::string_view text);
/// Bytes of the first `count` lines of `text` with their line ends; all of it if it has fewer.
size_t cut_after_lines(std::string_view text, size_t count);

}  // namespace penstock
