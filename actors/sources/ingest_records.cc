#include "actors/sources/ingest_records.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "messages/byte_io.h"
#include "messages/key.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kMostPlainId = 64;
constexpr char kPlain = 0x00, kHashed = 0x01;
constexpr size_t kTimeKeyBytes = 1 + 8 + 8;

Status damaged(const std::string& what) { return data_loss("a stored " + what + " of an ingest table is damaged"); }

void append_text(std::string_view text, std::string& out) {
  append_number(static_cast<uint32_t>(text.size()), out);
  out += text;
}

std::string_view read_text(ByteReader& reader) { return reader.bytes(reader.number<uint32_t>()); }

}  // namespace

std::string idempotency_record_key(std::string_view idempotency_key) { return "k" + std::string(idempotency_key); }

std::string id_record_key(const RecordBatch& batch, size_t column, size_t row) {
  if (batch.column(column)->is_null(row))
    return {};
  std::string value;
  append_key(batch, {&column, 1}, row, value);
  std::string key = "i";
  if (value.size() <= kMostPlainId)
    return key.append(1, kPlain).append(value);
  XXH128_canonical_t hash;
  XXH128_canonicalFromHash(&hash, XXH3_128bits(value.data(), value.size()));
  return key.append(1, kHashed).append(reinterpret_cast<const char*>(hash.digest), sizeof hash.digest);
}

std::string encode_seen(Timestamp at) {
  std::string out;
  append_number(at.micros, out);
  return out;
}

Result<Timestamp> decode_seen(std::string_view value) {
  if (value.size() != sizeof(int64_t))
    return damaged("id");
  return Timestamp{load_number<int64_t>(value.data())};
}

RememberedAt encode_remembered(Timestamp at, std::span<const std::string> keys) {
  RememberedAt out;
  for (const std::string& key : keys)
    append_text(key, out.value);
  out.key = kRememberedPrefix;
  append_number(__builtin_bswap64(static_cast<uint64_t>(at.micros)), out.key);
  append_number(hash_key(out.value), out.key);
  return out;
}

Result<Timestamp> remembered_time(std::string_view key) {
  if (key.size() != kTimeKeyBytes || !key.starts_with(kRememberedPrefix))
    return damaged("time");
  return Timestamp{static_cast<int64_t>(__builtin_bswap64(load_number<uint64_t>(key.data() + 1)))};
}

Result<std::vector<std::string>> decode_remembered(std::string_view value) {
  std::vector<std::string> keys;
  ByteReader reader(value);
  while (reader.left() > 0 && !reader.failed())
    keys.emplace_back(read_text(reader));
  if (reader.failed())
    return damaged("list of keys");
  return keys;
}

std::string encode_answer(const StoredAnswer& stored, std::span<const uint32_t> appends) {
  const IngestAnswer& answer = stored.answer;
  std::string out;
  append_number(kVersion, out);
  append_number(stored.at.micros, out);
  append_text(stored.fingerprint, out);
  append_number(answer.accepted, out);
  append_number(answer.rejected, out);
  append_number(answer.duplicates, out);
  append_number(static_cast<uint32_t>(answer.places.size()), out);
  for (size_t i = 0; i < answer.places.size(); ++i) {
    append_number(answer.places[i].partition.value(), out);
    append_number(appends[i], out);
    append_number(answer.places[i].records, out);
  }
  append_number(static_cast<uint32_t>(answer.errors.size()), out);
  for (const IngestAnswer::Error& error : answer.errors) {
    append_text(error.pointer, out);
    append_text(error.detail, out);
  }
  return out;
}

Result<StoredAnswer> decode_answer(std::string_view value) {
  ByteReader reader(value);
  if (const auto version = reader.number<uint8_t>(); version != kVersion)
    return data_loss("a stored answer has the format " + std::to_string(version) + "; this program knows " +
                     std::to_string(kVersion));
  StoredAnswer stored;
  IngestAnswer& answer = stored.answer;
  stored.at.micros = reader.number<int64_t>();
  stored.fingerprint = read_text(reader);
  answer.accepted = reader.number<uint64_t>();
  answer.rejected = reader.number<uint64_t>();
  answer.duplicates = reader.number<uint64_t>();
  std::vector<uint32_t> appends;
  for (auto places = reader.number<uint32_t>(); places > 0 && !reader.failed(); --places) {
    IngestAnswer::Place& place = answer.places.emplace_back();
    place.partition = Partition(reader.number<uint32_t>());
    appends.push_back(reader.number<uint32_t>());
    place.records = reader.number<uint64_t>();
  }
  for (auto errors = reader.number<uint32_t>(); errors > 0 && !reader.failed(); --errors) {
    IngestAnswer::Error& error = answer.errors.emplace_back();
    error.pointer = read_text(reader);
    error.detail = read_text(reader);
  }
  std::vector<Offset> offsets;
  while (reader.left() > 0 && !reader.failed())
    offsets.emplace_back(reader.number<uint64_t>());
  for (size_t i = 0; i < appends.size() && !reader.failed(); ++i) {
    if (appends[i] >= offsets.size())
      return damaged("answer");
    answer.places[i].first = offsets[appends[i]];
  }
  if (reader.failed())
    return damaged("answer");
  return stored;
}

}  // namespace penstock
