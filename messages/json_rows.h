// One JSON object at a time, at a cursor, into the columns of a schema: the part of JsonLinesDecoder that knows the
// schema.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/json_cursor.h"
#include "messages/record_batch.h"
#include "messages/timestamp_unit.h"
#include "messages/unknown_fields.h"

namespace penstock {

class JsonRows {
 public:
  JsonRows(SchemaPtr schema, const TimestampUnits& units, const UnknownFields& unknown = {});

  void reserve(size_t rows);
  /// Appends the object at the cursor and steps over it; with `alone` nothing may follow it. False, with no row
  /// appended, if anything is wrong: then expected(), field() and missing() say what, and the cursor stands on it.
  bool append(JsonCursor& cursor, bool alone);
  /// The rows so far.
  BatchPtr finish() { return builder_.finish(); }

  const std::string& expected() const { return expected_; }
  /// Name of the schema's field that was at fault; empty if the record as a whole was.
  std::string_view field() const { return field_ < 0 ? std::string_view() : schema_->field(field_).name; }
  /// Whether the mistake is that a required member is not there.
  bool missing() const { return missing_; }

 private:
  static constexpr int kUnknown = -1;

  bool append_members(JsonCursor& cursor);
  bool append_member(JsonCursor& cursor, size_t place);
  bool append_unknown(JsonCursor& cursor, size_t name);
  bool append_kept();
  bool append_value(JsonCursor& cursor, int field);
  bool append_null(JsonCursor& cursor, int field);
  bool append_timestamp(JsonCursor& cursor, int field);
  bool fill_missing();
  bool take_name(JsonCursor& cursor, size_t place, int& field);
  bool wrong_type(Type type);
  void roll_back();

  SchemaPtr schema_;
  BatchBuilder builder_;
  std::vector<TimestampUnit> units_;  // one a field
  // The name (as written) and field of each member of the last record: the next one most likely looks the same.
  struct Guess {
    std::string name;
    int field = kUnknown;
  };
  std::vector<Guess> guesses_;
  size_t rows_ = 0;
  size_t filled_ = 0;                // fields that have a value in the row at hand
  std::vector<uint64_t> filled_in_;  // one a field: the last record that had it, counted from 1
  uint64_t record_ = 0;
  UnknownFields::Policy unknown_;
  int kept_field_ = kUnknown;            // column of what is kept
  std::string kept_;                     // of the record at hand: the object without its last brace
  std::vector<std::string> kept_names_;  // as written
  std::string scratch_;

  std::string expected_;
  int field_ = kUnknown;
  bool missing_ = false;
};

}  // namespace penstock
