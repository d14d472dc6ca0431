// Source `file`: the records of one file, or of all files of a glob in the order of their names, as JSON Lines or CSV;
// plain, gzip or zstd. With `follow` it goes on as files grow and new ones appear. One thread at a time.
//
// Records that cannot be decoded are rejected one by one. A file that holds no text at all (a NUL in its first bytes)
// is rejected as a whole, with one message. Position: file_position.h.
//
// Errors: not_found and failed_precondition (missing, unreadable); failed_precondition if a file was cut or replaced
// since it was read; invalid_argument if not one of a file's first 1,000 records can be decoded, or its CSV header
// lacks a column: then the declaration is wrong, not the records.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/sources/file_reader.h"
#include "actors/sources/source.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct FileSourceOptions {
  std::string path;    // a file or glob
  std::string folder;  // of the topology file: names in messages are relative to it
  FileReaderOptions reader;
  bool follow = false;
  bool stop_on_error = false;
};

class FileSource final : public Source {
 public:
  explicit FileSource(FileSourceOptions options) : options_(std::move(options)) {}

  Status open(std::string_view position) override;
  Result<SourceRead> read(uint64_t max_bytes) override;
  SourceProgress progress() const override;

 private:
  static constexpr size_t kProbedRecords = 1000;

  std::string name_of(const std::string& path) const;
  Status look_for_files();
  /// False: there is no file with anything to read at the moment.
  Result<bool> open_next(SourceRead& out);
  Result<bool> refuse_binary(const std::string& path, FilePosition& file, SourceRead& out) const;
  Status take(FileReader::Piece piece, SourceRead& out);
  void close_current();

  FileSourceOptions options_;
  FilePositions files_;
  std::string current_;  // path of the file being read; empty: none
  std::unique_ptr<FileReader> reader_;
};

topology::ComponentType file_source_type();
Result<SourcePtr> make_file_source(const MakeContext& context);

}  // namespace penstock
