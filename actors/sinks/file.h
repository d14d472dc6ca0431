// Sink `file`: appends rows to a file as JSON Lines or CSV, each exactly once. One thread at a time.
//
// Position: the file's length in bytes, in decimal. open() cuts off what was written behind it. Before the first
// position is stored, a file beside it, `<path>.penstock-start`, holds the length that the file had at the very first
// open.
//
// Errors: the folder or file cannot be written; the file is shorter than what was already delivered into it.
#pragma once

#include <memory>
#include <string>

#include "actors/file_format.h"
#include "actors/sinks/sink.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct FileSinkOptions {
  std::string path;
  FileFormat format = FileFormat::kJsonLines;
  char delimiter = ',';
  bool header = true;  // CSV: a line with the names of the columns at the top of the file
  SchemaPtr schema;
};

class FileSink final : public Sink {
 public:
  explicit FileSink(FileSinkOptions options) : options_(std::move(options)) {}
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  Status open(std::string_view position) override;
  Status write(const BatchPtr& batch) override;
  Result<std::string> sync() override;

 private:
  Result<uint64_t> first_length();
  Status flush();
  void close();

  FileSinkOptions options_;
  int file_ = -1;
  uint64_t length_ = 0;  // of the file, without what is in buffer_
  std::string buffer_;
};

topology::ComponentType file_sink_type();
Result<SinkPtr> make_file_sink(const MakeContext& context);

}  // namespace penstock
