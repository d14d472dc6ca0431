// Records with quotes in them, line by line through libcsv. Line ends are LF, or CR LF outside quotes; white space is
// kept.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messages/csv_rows.h"

namespace penstock {

class CsvQuoted {
 public:
  CsvQuoted(char delimiter, char quote);
  ~CsvQuoted();

  /// Takes the record's next line, without its LF. True if the record is complete with it: then fields() are its
  /// fields, until the next call; false if a quote is still open.
  bool add_line(std::string_view line);
  std::span<const CsvField> fields();
  /// Whether a record has begun and not ended.
  bool open() const { return open_; }
  /// Forgets a record that has not ended.
  void reset();

 private:
  struct Parser;
  static void take_field(void* text, size_t size, void* self);
  static void take_record(int, void* self);

  std::unique_ptr<Parser> parser_;
  bool open_ = false;
  bool complete_ = false;
  std::string text_;          // all fields' text
  std::vector<size_t> ends_;  // one a field: its end in text_
  std::vector<bool> missing_;
  std::vector<CsvField> fields_;
};

}  // namespace penstock
