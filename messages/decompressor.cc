#include "messages/decompressor.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "core/units.h"

namespace penstock {
namespace {

constexpr size_t kBlock = 256 * 1024;
constexpr uint64_t kMostWindow = 8 << 20;  // RFC 9659: what a content coding `zstd` may ask of whoever decodes it

class Gzip final : public Decompressor {
 public:
  Gzip() { inflateInit2(&stream_, 15 + 16); }  // the largest window; a gzip header is expected
  ~Gzip() override { inflateEnd(&stream_); }

  Status step(std::string_view& input, char* out, size_t size, size_t& written) override {
    written = 0;
    if (complete_ && !input.empty()) {
      if (!first_ && input[0] == '\0') {  // zeros that pad a file to whole blocks
        input.remove_prefix(std::min(input.find_first_not_of('\0'), input.size()));
        return ok();
      }
      inflateReset(&stream_);
      complete_ = first_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(std::min<size_t>(input.size(), std::numeric_limits<uInt>::max()));
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(size, std::numeric_limits<uInt>::max()));
    const uInt given = stream_.avail_in, room = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    written = room - stream_.avail_out;
    input.remove_prefix(given - stream_.avail_in);
    if (result == Z_STREAM_END)
      complete_ = true;
    else if (result != Z_OK && result != Z_BUF_ERROR)
      return data_loss(stream_.msg == nullptr ? "corrupt" : "corrupt (" + std::string(stream_.msg) + ")");
    return ok();
  }

 private:
  z_stream stream_{};
  bool first_ = true;
};

class Zstd final : public Decompressor {
 public:
  explicit Zstd(uint64_t max_window) : stream_(ZSTD_createDStream()) {
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, std::bit_width(max_window) - 1);
  }
  ~Zstd() override { ZSTD_freeDStream(stream_); }

  Status step(std::string_view& input, char* out, size_t size, size_t& written) override {
    written = 0;
    if (complete_ && input.empty())
      return ok();  // else it would begin the next frame
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer target{out, size, 0};
    const size_t result = ZSTD_decompressStream(stream_, &target, &in);
    written = target.pos;
    input.remove_prefix(in.pos);
    if (ZSTD_isError(result))
      return data_loss("corrupt (" + std::string(ZSTD_getErrorName(result)) + ")");
    complete_ = result == 0;
    return ok();
  }

 private:
  ZSTD_DStream* stream_;
};

}  // namespace

std::unique_ptr<Decompressor> Decompressor::make(Compression compression, uint64_t max_window) {
  switch (compression) {
    case Compression::kGzip: return std::make_unique<Gzip>();
    case Compression::kZstd: return std::make_unique<Zstd>(max_window);
    case Compression::kNone: break;
  }
  return nullptr;
}

Result<std::string> decompress(std::string_view data, Compression compression, uint64_t max_bytes) {
  const auto decompressor = Decompressor::make(compression, kMostWindow);
  if (!decompressor)
    return std::string(data);
  const auto wrong = [&, size = data.size()](const std::string& what) {
    return data_loss("the compressed data are " + what + " at byte " + std::to_string(size - data.size()) + " of " +
                     std::to_string(size));
  };
  if (data.empty())
    return wrong("cut off");
  std::string out;
  while (true) {
    const size_t before = out.size();
    if (before > max_bytes)
      return resource_exhausted("the compressed data stand for more than " + to_string(Bytes{max_bytes}));
    out.resize(std::min<uint64_t>(before + std::max(kBlock, before / 2), max_bytes + 1));
    size_t written = 0;
    const Status status = decompressor->step(data, out.data() + before, out.size() - before, written);
    out.resize(before + written);
    if (!status.ok())
      return wrong(status.message());
    if (data.empty() && written == 0)
      return decompressor->complete() ? Result<std::string>(std::move(out)) : wrong("cut off");
  }
}

}  // namespace penstock
