#include "messages/decompressor.h"

#include <catch2/catch.hpp>

#include "core/random.h"
#include "tests/support/compress.h"

namespace penstock {
namespace {

using test::gzip;
using test::zstd;

std::string packed(const std::string& text, Compression compression) {
  return compression == Compression::kGzip ? gzip(text) : compression == Compression::kZstd ? zstd(text) : text;
}

constexpr Compression kKinds[] = {Compression::kGzip, Compression::kZstd};

TEST_CASE("what was compressed comes back whole, parts behind one another too") {
  Random random(1);
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += std::to_string(random.below(100'000)) + "\n";
  for (const Compression kind : kKinds) {
    CHECK(decompress(packed(text, kind), kind, text.size()).value() == text);
    CHECK(decompress(packed("a", kind) + packed("", kind) + packed("b", kind), kind, 2).value() == "ab");
    CHECK(decompress(packed("", kind), kind, 0).value() == "");
  }
  CHECK(decompress("as it is", Compression::kNone, 1).value() == "as it is");
}

TEST_CASE("a bomb is refused before it is held in memory") {
  const std::string zeros(50 << 20, '\0');
  for (const Compression kind : kKinds) {
    const std::string bomb = packed(zeros, kind);
    CHECK(bomb.size() < 100'000);
    const auto refused = decompress(bomb, kind, 1 << 20);
    CHECK(refused.status().code() == Code::kResourceExhausted);
    CHECK(refused.status().message() == "the compressed data stand for more than 1MiB");
    CHECK(decompress(packed("abc", kind), kind, 2).status().code() == Code::kResourceExhausted);
    CHECK(decompress(packed("abc", kind), kind, 3).ok());
  }
}

TEST_CASE("zstd data that want a huge window are refused") {
  const std::string text(64 << 20, 'x');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer target{out.data(), out.size(), 0};
  while (ZSTD_compressStream2(context, &target, &in, ZSTD_e_end) != 0) {
  }
  ZSTD_freeCCtx(context);
  out.resize(target.pos);
  const auto refused = decompress(out, Compression::kZstd, 1 << 30);
  CHECK(refused.status().code() == Code::kDataLoss);
  CHECK_THAT(refused.status().message(), Catch::Contains("too much memory"));
}

TEST_CASE("data that are cut off or damaged are refused with the place") {
  const std::string text(10'000, 'x');
  for (const Compression kind : kKinds) {
    const std::string whole = packed(text + "y", kind);
    for (size_t size = 0; size < whole.size(); ++size) {
      INFO(size);
      const auto cut = decompress(whole.substr(0, size), kind, 1 << 20);
      REQUIRE(cut.status().code() == Code::kDataLoss);
      CHECK(cut.status().message() ==
            "the compressed data are cut off at byte " + std::to_string(size) + " of " + std::to_string(size));
    }
    CHECK_THAT(decompress("{\"a\":1}", kind, 1 << 20).status().message(), Catch::Contains("corrupt ("));
    CHECK(decompress(whole + "and more", kind, 1 << 20).status().code() == Code::kDataLoss);
  }
  std::string damaged = gzip(text);
  damaged[damaged.size() - 6] ^= 1;
  CHECK_THAT(decompress(damaged, Compression::kGzip, 1 << 20).status().message(),
             Catch::Contains("incorrect data check"));
}

}  // namespace
}  // namespace penstock
