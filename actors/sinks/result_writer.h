// Writes all rows of a result at once into a file, or into one file for each date, as JSON Lines or CSV. Whoever reads the files
// finds the result before or this one, never a part of it: rows go to `<file>.penstock-tmp`, which takes the file's place
// in finish(), synced. One thread at a time.
//
//   path                            all rows
//   path/part-00000007.jsonl        `part`: one more file beside those of other parts
//   path/date=2026-11-21/part.csv   by the date (UTC) of a column; rows without one: date=unknown
//
// Memory: up to 64 MiB of rows that are not written yet.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "actors/file_format.h"
#include "core/status.h"
#include "messages/record_batch.h"

namespace penstock {

struct ResultFormat {
  std::string path;
  FileFormat format = FileFormat::kJsonLines;
  char delimiter = ',';
  bool header = true;  // CSV: a line with the names of the columns at the top of each file
  bool gzip = false;
  std::optional<size_t> date = {};    // a timestamp column: a folder for each date
  std::optional<uint64_t> part = {};  // adds a file of this number, and leaves others alone
  SchemaPtr schema = {};
};

class ResultWriter {
 public:
  explicit ResultWriter(ResultFormat format) : format_(std::move(format)) {}
  /// Without finish() nothing has changed.
  ~ResultWriter();
  ResultWriter(const ResultWriter&) = delete;
  ResultWriter& operator=(const ResultWriter&) = delete;

  // Errors of all: of the file system.
  Status begin();
  Status add(const BatchPtr& rows);
  /// Files of dates that have no rows any more are removed, unless this is a part.
  Status finish();

  uint64_t rows() const { return rows_; }
  uint64_t bytes() const { return bytes_; }
  size_t files() const { return files_.size(); }

 private:
  struct File {
    std::string folder;  // made for it; empty: none
    std::string path;
    std::string waiting;   // rows
    bool created = false;  // its temporary file
  };

  bool in_folder() const { return format_.date || format_.part; }
  std::string name_of_part() const;
  File& file_of(const std::string& date);
  Status write_out(File& file);
  Status remove_other_dates();

  ResultFormat format_;
  std::map<std::string, File> files_;  // by date; one of the empty date
  uint64_t waiting_ = 0;               // bytes of all
  uint64_t rows_ = 0, bytes_ = 0;
  bool finished_ = false;
};

}  // namespace penstock
