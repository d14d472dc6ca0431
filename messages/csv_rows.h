// One CSV record's fields into the columns of a schema: the part of CsvDecoder that knows the schema.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messages/csv.h"
#include "messages/record_batch.h"

namespace penstock {

struct CsvField {
  std::string_view text;  // what is between the delimiters, quotes resolved
  bool missing = false;   // empty and not in quotes
};

class CsvRows {
 public:
  CsvRows(SchemaPtr schema, const CsvOptions& options);

  /// The names of the stream's columns, in order. Errors: invalid_argument (see CsvDecoder::decode).
  Status set_columns(std::vector<std::string> names);
  const std::vector<std::string>& columns() const { return columns_; }

  /// Appends a record. False, with no row appended, if anything about it is wrong: then error() says what, less its
  /// place.
  bool append(std::span<const CsvField> fields);
  /// With field, expected and found filled in.
  DecodeError& error() { return error_; }
  /// The record's field that was at fault; null if the record as a whole was.
  const CsvField* wrong_field() const { return wrong_field_; }

  size_t rows() const { return builder_.rows(); }
  BatchPtr finish() { return builder_.finish(); }

 private:
  bool append_value(size_t column, const CsvField& field);
  bool append_text(size_t column, std::string_view text);
  void append_kept(std::span<const CsvField> fields);
  bool wrong(size_t column, const CsvField& field, std::string expected);

  SchemaPtr schema_;
  TextEncoding encoding_;
  bool empty_is_null_;
  std::vector<TimestampUnit> units_;  // one a schema field
  std::vector<std::string> columns_;
  std::vector<size_t> places_;  // one a schema field: its place among the columns
  const UnknownFields unknown_;
  std::optional<size_t> kept_field_;  // schema field that takes the columns which the schema does not have
  std::vector<size_t> kept_places_;   // of those
  BatchBuilder builder_;
  std::string scratch_;
  DecodeError error_;
  const CsvField* wrong_field_ = nullptr;
};

}  // namespace penstock
