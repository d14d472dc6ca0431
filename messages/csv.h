// CSV (RFC 4180, and what is commonly called so) into batches of one schema, chunk by chunk. Lines without a quote are
// split here, the others go through libcsv.
//
// Columns are named by a header line or by `columns`; those that the schema does not have are ignored. By type: bool
// from true, false, t, f, 1, 0 in any letter case; int64 (`17.0` too); float64 (also NaN, Infinity); timestamp from ISO
// 8601 or a number in `timestamp_units`; json from any valid JSON text, kept minified; string from anything. White
// space around values that are not strings is ignored. Text that is empty and not in quotes is null (for strings:
// unless empty_is_null is false). A line ends with LF or CR LF; empty lines are skipped. Quoted text may hold line ends
// and delimiters; `""` in it is one quote.
//
// A mistake makes that one record an error; the records around it are not touched. One thread at a time calls a
// decoder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"
#include "messages/decoded.h"
#include "messages/timestamp_unit.h"
#include "messages/unknown_fields.h"

namespace penstock {

enum class TextEncoding { kUtf8, kLatin1 };

struct CsvOptions {
  char delimiter = ',';
  std::optional<char> quote = '"';   // none: quotes are bytes like others
  std::vector<std::string> columns;  // empty: the first line is a header
  TextEncoding encoding = TextEncoding::kUtf8;
  bool empty_is_null = true;  // for string columns
  TimestampUnits timestamp_units;
  UnknownFields unknown_fields = {};
  size_t max_record = 1 << 20;  // bytes; a longer one (most likely a quote that is never closed) is an error
};

/// Behind a record: where reading can go on.
struct CsvPosition {
  uint64_t offset = 0;  // in the uncompressed stream
  uint64_t line = 1;    // of the next record's first line, from 1
  uint64_t record = 0;  // records before it, the header not counted
};

class CsvDecoder {
 public:
  /// `file` is the name in errors.
  CsvDecoder(SchemaPtr schema, CsvOptions options, std::string file = {});
  ~CsvDecoder();
  CsvDecoder(CsvDecoder&&) noexcept;
  CsvDecoder& operator=(CsvDecoder&&) noexcept;

  /// Goes on at a position another decoder gave, with the header that it had read. Requires: nothing was decoded yet.
  /// Errors: as decode().
  Status resume(const CsvPosition& position, std::vector<std::string> header);

  /// Takes bytes off the front of `chunk` until it is used up or `max_rows` records are complete; `chunk` is left with
  /// the rest. A record that is not complete is kept until its end comes. Errors: invalid_argument (a column of the
  /// schema is not in the header, a name is there twice, or the header is too long or not closed); then the stream cannot
  /// be decoded at all.
  Result<Decoded> decode(std::string_view& chunk, size_t max_rows = SIZE_MAX);
  /// The stream has ended: the last record, if it has no line end. Errors: as decode().
  Result<Decoded> finish();

  /// Behind the last complete record.
  CsvPosition position() const;
  /// Names of the columns in the order of the stream; empty until the header was read.
  const std::vector<std::string>& header() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
