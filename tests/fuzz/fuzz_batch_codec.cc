// Encoded record batches: any bytes, then bytes whose checksum was made right so that what lies behind it is reached too.
// What decodes must encode to something that decodes to the same.
#include <xxhash.h>
#include <zstd.h>

#include "messages/batch_codec.h"
#include "messages/byte_io.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace penstock::fuzz {
namespace {

constexpr uint8_t kVersion = 1;

/// The body as decode_batch() expects it, uncompressed (0) or compressed (1).
std::string framed(std::string_view body, uint8_t compression) {
  std::string payload(body);
  if (compression == 1) {
    payload.resize(ZSTD_compressBound(body.size()));
    payload.resize(ZSTD_compress(payload.data(), payload.size(), body.data(), body.size(), 1));
  }
  const auto body_size = static_cast<uint32_t>(body.size());
  const uint64_t seed = kVersion | uint64_t{compression} << 8 | uint64_t{body_size} << 16;
  std::string out;
  append_number(kVersion, out);
  append_number(compression, out);
  append_number(uint64_t{XXH3_64bits_withSeed(payload.data(), payload.size(), seed)}, out);
  append_number(body_size, out);
  return out + payload;
}

void decode(std::string_view bytes, const SchemaPtr& wanted) {
  const auto schema = decode_batch_schema(bytes);
  const auto batch = decode_batch(bytes, nullptr);
  if (!batch.ok())
    return;
  require(schema.ok() && **schema == *(*batch)->schema(), "the schema alone is that of the batch");
  require((*batch)->rows() <= kMaxBatchRows, "a batch has no more rows than it may");
  // Bytes with a right checksum were written by encode_batch, so texts are not looked at again; the values' shape is.
  const std::string again = encode_batch(**batch);
  const auto back = decode_batch(again, nullptr);
  require(back.ok(), "what was decoded can be encoded", back.ok() ? "" : back.status().message());
  require(exact_text(**back) == exact_text(**batch) && *(*back)->schema() == *(*batch)->schema(),
          "what was decoded encodes to the same rows");
  if (const auto fitted = decode_batch(bytes, wanted); fitted.ok()) {
    require((*fitted)->rows() == (*batch)->rows(), "another schema changes no number of rows");
    require(*(*fitted)->schema() == *wanted, "the batch has the schema that was asked for");
  }
}

}  // namespace

void fuzz_batch_codec(std::string_view bytes) {
  Input input(bytes);
  const size_t choice = input.below(3);
  const SchemaPtr& wanted = schema_of(input.below(kSchemas));
  if (choice == 2)
    return decode(input.rest(), wanted);
  // A few bytes may rightly stand for millions of equal rows; those only take time here.
  constexpr uint32_t kMostRows = 4096;
  if (input.rest().size() >= sizeof(uint32_t) && load_number<uint32_t>(input.rest().data()) <= kMostRows)
    decode(framed(input.rest(), static_cast<uint8_t>(choice)), wanted);
}

}  // namespace penstock::fuzz
