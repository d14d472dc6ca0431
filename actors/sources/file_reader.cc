#include "actors/sources/file_reader.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr size_t kLeastChunk = 4096;
constexpr size_t kMostChunk = 4 << 20;
constexpr size_t kShownBytes = 1024;  // of a record that is too long
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

uint64_t count_lines(std::string_view text) {
  return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

class JsonFileReader final : public FileReader {
 public:
  JsonFileReader(std::unique_ptr<InputFile> file, std::string name, FilePosition& position,
                 const FileReaderOptions& options)
      : FileReader(std::move(file), std::move(name), position),
        decoder_(options.schema, {options.csv.timestamp_units, options.csv.unknown_fields}),
        empty_(RecordBatch::empty(options.schema)),
        max_record_(options.csv.max_record) {}

  Result<Piece> next(uint64_t max_bytes, bool complete) override {
    for (;;) {
      const size_t whole = cut_at_last_newline(buffer_);
      if (position_.inside) {
        if (whole > 0)
          return pass_over_rest();
        drop(buffer_.size());
      } else if (whole > 0) {
        return decode(cut_after_lines(std::string_view(buffer_).substr(0, whole), kMostRows));
      } else if (buffer_.size() > max_record_) {
        return begin_overlong();
      }
      PENSTOCK_ASSIGN(const bool more, fill(max_bytes));
      if (more)
        continue;
      Piece last;
      last.decoded.batch = empty_;
      if (complete && !buffer_.empty()) {
        PENSTOCK_ASSIGN(last, decode(buffer_.size()));
      }
      last.at_end = true;
      return last;
    }
  }

 private:
  Result<Piece> decode(size_t size) {
    Piece piece;
    std::string_view lines = std::string_view(buffer_).substr(0, size);
    if (position_.offset == 0 && lines.starts_with(kByteOrderMark))
      lines.remove_prefix(kByteOrderMark.size());
    piece.decoded = decoder_.decode(lines, position_.line, name_);
    piece.bytes = size;
    position_.line += count_lines(lines);
    position_.record += piece.decoded.batch->rows() + piece.decoded.errors.size();
    drop(size);
    return piece;
  }

  // Everything up to the line end belongs to a record that was rejected before.
  Result<Piece> pass_over_rest() {
    const size_t end = buffer_.find('\n') + 1;
    Piece piece;
    piece.decoded.batch = empty_;
    piece.bytes = end;
    drop(end);
    ++position_.line;
    position_.inside = false;
    return piece;
  }

  Result<Piece> begin_overlong() {
    Piece piece;
    piece.decoded.batch = empty_;
    DecodeError error;
    error.file = name_;
    error.line = position_.line;
    error.expected = "a line of at most " + std::to_string(max_record_) + " bytes";
    error.found = "a longer one";
    error.record = buffer_.substr(0, kShownBytes);
    piece.decoded.errors.push_back(std::move(error));
    piece.bytes = buffer_.size();
    drop(buffer_.size());
    ++position_.record;
    position_.inside = true;
    return piece;
  }

  void drop(size_t size) {
    buffer_.erase(0, size);
    position_.offset += size;
  }

  JsonLinesDecoder decoder_;
  BatchPtr empty_;
  size_t max_record_;
};

class CsvFileReader final : public FileReader {
 public:
  CsvFileReader(std::unique_ptr<InputFile> file, std::string name, FilePosition& position,
                const FileReaderOptions& options)
      : FileReader(std::move(file), name, position), decoder_(options.schema, options.csv, std::move(name)) {}

  Status resume() {
    return position_.offset == 0
               ? ok()
               : decoder_.resume({position_.offset, position_.line, position_.record}, position_.columns);
  }

  Result<Piece> next(uint64_t max_bytes, bool complete) override {
    Piece piece;
    bool more = true;
    if (buffer_.empty()) {
      PENSTOCK_ASSIGN(more, fill(max_bytes));
    }
    if (more) {
      std::string_view rest = buffer_;
      PENSTOCK_ASSIGN(piece.decoded, decoder_.decode(rest, kMostRows));
      piece.bytes = buffer_.size() - rest.size();
      buffer_.erase(0, piece.bytes);
    } else if (complete) {
      PENSTOCK_ASSIGN(piece.decoded, decoder_.finish());
    }
    piece.at_end = !more;
    const CsvPosition behind = decoder_.position();
    position_.offset = behind.offset;
    position_.line = behind.line;
    position_.record = behind.record;
    position_.columns = decoder_.header();
    return piece;
  }

 private:
  CsvDecoder decoder_;
};

}  // namespace

Result<bool> FileReader::fill(uint64_t max_bytes) {
  const size_t before = buffer_.size();
  // At least as much again, so that a long record is not searched for its end too often.
  const size_t chunk = std::max<uint64_t>(before, std::clamp<uint64_t>(max_bytes, kLeastChunk, kMostChunk));
  buffer_.resize(before + chunk);
  const auto got = file_->read(buffer_.data() + before, chunk);
  buffer_.resize(before + (got.ok() ? *got : 0));
  if (!got.ok())
    return got.status();
  return *got > 0;
}

Result<std::unique_ptr<FileReader>> FileReader::open(const std::string& path, const std::string& name,
                                                     const FileReaderOptions& options, FilePosition& position) {
  PENSTOCK_ASSIGN(std::unique_ptr<InputFile> file, InputFile::open(path));
  PENSTOCK_TRY(file->skip_to(position.offset));
  if (options.format == FileFormat::kJsonLines)
    return std::unique_ptr<FileReader>(std::make_unique<JsonFileReader>(std::move(file), name, position, options));
  auto reader = std::make_unique<CsvFileReader>(std::move(file), name, position, options);
  PENSTOCK_TRY(reader->resume());
  return std::unique_ptr<FileReader>(std::move(reader));
}

}  // namespace penstock
