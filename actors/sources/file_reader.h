// Reads the records of one file, piece by piece: bytes from an InputFile through the decoder of the file's format. One
// thread at a time.
#pragma once

#include <memory>
#include <string>

#include "actors/file_format.h"
#include "actors/sources/file_position.h"
#include "messages/csv.h"
#include "messages/decoded.h"
#include "messages/input_file.h"
#include "messages/json_lines.h"

namespace penstock {

struct FileReaderOptions {
  FileFormat format = FileFormat::kJsonLines;
  SchemaPtr schema;
  CsvOptions csv;  // its timestamp_units, unknown_fields and max_record serve JSON Lines too
};

class FileReader {
 public:
  static constexpr size_t kMostRows = 65'536;

  struct Piece {
    Decoded decoded;
    uint64_t bytes = 0;   // of the stream, that were taken in
    bool at_end = false;  // there is nothing more at present
  };

  /// Goes on at `position`. `name`: for messages. Errors: of opening; data_loss if the file is shorter than that.
  static Result<std::unique_ptr<FileReader>> open(const std::string& path, const std::string& name,
                                                  const FileReaderOptions& options, FilePosition& position);
  virtual ~FileReader() = default;

  /// About `max_bytes` of records and at most kMostRows, or none if the end is reached. Moves the position behind them.
  /// `complete`: the file will not grow, so that what stands behind the last line end is a record too.
  virtual Result<Piece> next(uint64_t max_bytes, bool complete) = 0;

  const InputFile& file() const { return *file_; }

 protected:
  FileReader(std::unique_ptr<InputFile> file, std::string name, FilePosition& position)
      : file_(std::move(file)), name_(std::move(name)), position_(position) {}
  /// Adds up to `max_bytes` to the buffer. False at the end.
  Result<bool> fill(uint64_t max_bytes);

  std::unique_ptr<InputFile> file_;
  std::string name_;
  FilePosition& position_;
  std::string buffer_;  // read, but not decoded
};

}  // namespace penstock
