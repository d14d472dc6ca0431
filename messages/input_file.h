// A file as one stream of bytes: plain, gzip (of any number of members) or zstd (of any number of frames), told apart
// by its first bytes, not by its name. One thread at a time.
//
// A plain file that grows is read on: read() gives 0 at its present end and more later.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/status.h"
#include "messages/decompressor.h"

namespace penstock {

class InputFile {
 public:
  /// Errors: not_found, failed_precondition (no permission), invalid_argument (a directory), unavailable.
  static Result<std::unique_ptr<InputFile>> open(const std::string& path);
  virtual ~InputFile() = default;

  /// Up to `size` bytes of the stream into `buffer`; how many there were, 0 at its end.
  /// Errors: data_loss (corrupt or cut off, with the place in the file), unavailable.
  virtual Result<size_t> read(char* buffer, size_t size) = 0;
  /// Goes to that place in the stream, which is not before the present one. Errors: as read(); data_loss if the stream
  /// ends before it (the file is not the one it was).
  virtual Status skip_to(uint64_t offset) = 0;

  /// Place in the stream (uncompressed) of the next byte.
  virtual uint64_t position() const = 0;
  /// Bytes of the file taken in, and bytes it has now: for progress.
  virtual uint64_t compressed_position() const = 0;
  virtual uint64_t compressed_size() const = 0;
  virtual Compression compression() const = 0;
};

}  // namespace penstock
