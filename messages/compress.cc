#include "messages/compress.h"

#include <zlib.h>

namespace penstock {

void append_gzip(std::string_view bytes, std::string& out) {
  constexpr int kLevel = 6, kGzipWindow = 15 + 16, kMemory = 8;
  z_stream stream{};
  deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY);
  const size_t begin = out.size();
  out.resize(begin + deflateBound(&stream, bytes.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib's signature; it only reads
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + begin);
  stream.avail_out = static_cast<uInt>(out.size() - begin);
  deflate(&stream, Z_FINISH);
  out.resize(begin + stream.total_out);
  deflateEnd(&stream);
}

}  // namespace penstock
