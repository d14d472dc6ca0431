// Files that generators write row by row: JSON Lines and CSV. One thread.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.h"
#include "core/status.h"

namespace penstock::cli {

/// One JSON object, member by member.
class JsonRow {
 public:
  JsonRow& field(std::string_view name, std::string_view text);
  JsonRow& field(std::string_view name, const char* text) { return field(name, std::string_view(text)); }
  JsonRow& field(std::string_view name, const std::string& text) { return field(name, std::string_view(text)); }
  JsonRow& field(std::string_view name, int64_t number) { return raw(name, std::to_string(number)); }
  JsonRow& field(std::string_view name, int number) { return field(name, static_cast<int64_t>(number)); }
  JsonRow& field(std::string_view name, uint64_t number) { return raw(name, std::to_string(number)); }
  JsonRow& field(std::string_view name, double number);
  JsonRow& field(std::string_view name, bool flag) { return raw(name, flag ? "true" : "false"); }
  JsonRow& field(std::string_view name, Timestamp at);  // ISO 8601
  /// Text that is JSON already.
  JsonRow& raw(std::string_view name, std::string_view json);
  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

/// A CSV record (RFC 4180) of these fields, without a line end.
std::string csv_row(const std::vector<std::string>& fields);

class RowFile {
 public:
  /// Makes the file, or empties it. Errors: it cannot be written.
  static Result<RowFile> create(const std::string& path);
  void write(std::string_view line);
  void write(const JsonRow& row) { write(row.text()); }
  /// Errors: anything of it could not be written.
  Status close();

 private:
  std::string path_;
  std::ofstream out_;
};

}  // namespace penstock::cli
