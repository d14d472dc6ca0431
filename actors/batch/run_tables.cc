#include "actors/batch/run_tables.h"

#include "messages/byte_io.h"
#include "storage/bytes.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;

void append_be32(uint32_t value, std::string& out) {
  char bytes[4];
  store_be32(bytes, value);
  out.append(bytes, sizeof bytes);
}
void append_text(std::string_view text, std::string& out) {
  append_number(static_cast<uint32_t>(text.size()), out);
  out += text;
}
std::string read_text(ByteReader& in) { return std::string(in.bytes(in.number<uint32_t>())); }
std::string key_of(char kind, uint32_t number) {
  std::string key(1, kind);
  append_be32(number, key);
  return key;
}
Status check(const ByteReader& in, uint8_t version, const char* what) {
  if (version != kVersion)
    return data_loss(std::string(what) + " of a batch run has an unknown format version");
  return in.failed() || in.left() > 0 ? data_loss(std::string(what) + " of a batch run is cut off or too long") : ok();
}

}  // namespace

std::string run_key(const BatchRecord& record) {
  std::string key = record.view + '\0';
  char bytes[8];
  store_be64(bytes, record.number);
  return key.append(bytes, sizeof bytes);
}

std::string encode_run(const BatchRecord& record) {
  std::string out(1, static_cast<char>(kVersion));
  append_number(static_cast<uint8_t>(record.purpose), out);
  append_number(static_cast<uint8_t>(record.state), out);
  append_number(record.definition, out);
  append_number(record.started.micros, out);
  append_number(record.ended.micros, out);
  append_number(record.resumed, out);
  append_number(record.done, out);
  append_number(record.keys, out);
  append_number(record.differences, out);
  append_text(record.owner, out);
  append_text(record.message, out);
  return out;
}

Result<BatchRecord> decode_run(std::string_view key, std::string_view value) {
  BatchRecord record;
  if (key.size() < 9 || key[key.size() - 9] != '\0')
    return data_loss("the key of a batch run is broken");
  record.view = key.substr(0, key.size() - 9);
  record.number = __builtin_bswap64(load_le<uint64_t>(key.data() + key.size() - 8));
  ByteReader in(value);
  const auto version = in.number<uint8_t>();
  record.purpose = static_cast<BatchPurpose>(in.number<uint8_t>());
  record.state = static_cast<BatchState>(in.number<uint8_t>());
  record.definition = in.number<uint64_t>();
  record.started.micros = in.number<int64_t>();
  record.ended.micros = in.number<int64_t>();
  record.resumed = in.number<uint32_t>();
  record.done = in.number<uint64_t>();
  record.keys = in.number<uint64_t>();
  record.differences = in.number<uint64_t>();
  record.owner = read_text(in);
  record.message = read_text(in);
  PENSTOCK_TRY(check(in, version, "the record"));
  return record;
}

std::string shard_key(uint32_t shard) { return key_of('s', shard); }
std::string map_key(uint32_t shard) { return key_of('m', shard); }
std::string reduce_key(uint32_t part) { return key_of('r', part); }

std::string encode_shard(const Shard& shard) {
  std::string out(1, static_cast<char>(kVersion));
  append_number(shard.partition.value(), out);
  append_number(shard.from.value(), out);
  append_number(shard.to.value(), out);
  append_text(shard.log, out);
  return out;
}

Result<Shard> decode_shard(std::string_view value) {
  ByteReader in(value);
  const auto version = in.number<uint8_t>();
  Shard shard;
  shard.partition = Partition(in.number<uint32_t>());
  shard.from = Offset(in.number<uint64_t>());
  shard.to = Offset(in.number<uint64_t>());
  shard.log = read_text(in);
  PENSTOCK_TRY(check(in, version, "a shard"));
  return shard;
}

std::string encode_map(const MapOutput& output) {
  std::string out(1, static_cast<char>(kVersion));
  append_number(output.attempt, out);
  append_number(output.records, out);
  append_number(output.rejected, out);
  append_number(static_cast<uint32_t>(output.blocks.size()), out);
  for (const std::vector<uint32_t>& parts : output.blocks)
    for (const uint32_t blocks : parts)
      append_number(blocks, out);
  return out;
}

Result<MapOutput> decode_map(std::string_view value, uint32_t parts) {
  ByteReader in(value);
  const auto version = in.number<uint8_t>();
  MapOutput output;
  output.attempt = in.number<uint32_t>();
  output.records = in.number<uint64_t>();
  output.rejected = in.number<uint64_t>();
  const auto runs = in.number<uint32_t>();
  for (uint32_t run = 0; run < runs && !in.failed(); ++run) {
    output.blocks.emplace_back();
    for (uint32_t part = 0; part < parts; ++part)
      output.blocks.back().push_back(in.number<uint32_t>());
  }
  PENSTOCK_TRY(check(in, version, "a finished task"));
  return output;
}

std::string encode_reduce(const ReduceOutput& output) {
  std::string out(1, static_cast<char>(kVersion));
  append_number(output.shards, out);
  append_number(output.keys, out);
  return out;
}

Result<ReduceOutput> decode_reduce(std::string_view value) {
  ByteReader in(value);
  const auto version = in.number<uint8_t>();
  ReduceOutput output;
  output.shards = in.number<uint32_t>();
  output.keys = in.number<uint64_t>();
  PENSTOCK_TRY(check(in, version, "a finished task"));
  return output;
}

std::string block_key(uint32_t shard, uint32_t attempt, uint32_t run, uint32_t part, uint32_t block) {
  std::string key = key_of('o', shard);
  for (const uint32_t number : {attempt, run, part, block})
    append_be32(number, key);
  return key;
}

std::string encode_present(uint64_t number) {
  std::string out(1, static_cast<char>(kVersion));
  append_number(number, out);
  return out;
}

Result<std::string> present_table(const Store& store, const std::string& component) {
  PENSTOCK_ASSIGN(const auto value, store.get(kBatchViews, component));
  if (!value)
    return component;
  ByteReader in(*value);
  const auto version = in.number<uint8_t>();
  const auto number = in.number<uint64_t>();
  PENSTOCK_TRY(check(in, version, "the present version"));
  return component + "#" + std::to_string(number);
}

}  // namespace penstock
