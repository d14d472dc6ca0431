// Gzip (of any number of members) and zstd (of any number of frames), taken apart piece by piece, or whole with a limit.
// One thread at a time calls a decompressor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/status.h"

namespace penstock {

enum class Compression { kNone, kGzip, kZstd };

class Decompressor {
 public:
  /// Null for kNone. `max_window`: how far back zstd data may refer, which is the memory it takes; what wants more is
  /// refused.
  static std::unique_ptr<Decompressor> make(Compression compression, uint64_t max_window = uint64_t{1} << 27);
  virtual ~Decompressor() = default;

  /// Takes bytes off the front of `input` and puts what they stand for into `out`, `written` bytes of it. Without input
  /// it gives what it still holds. Errors: data_loss, with a few words such as `corrupt (incorrect data check)`.
  virtual Status step(std::string_view& input, char* out, size_t size, size_t& written) = 0;
  /// Whether the data may end here: at the end of a member or frame, or before the first.
  bool complete() const { return complete_; }

 protected:
  bool complete_ = true;
};

/// All of `data`. Errors: data_loss (corrupt or cut off, with the place), resource_exhausted (it stands for more than
/// `max_bytes`; no more than that is ever held).
Result<std::string> decompress(std::string_view data, Compression compression, uint64_t max_bytes);

}  // namespace penstock
